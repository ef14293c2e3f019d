import { ServiceError } from './errors.js'
import type { Metadata } from './message.js'

/** What surrounds a call or an event: who asks, with which metadata, until when, and whether it is still wanted. */
export interface Context {
  /** The registry name of the service that is called. */
  readonly service: string
  /** The endpoint on the wire, for example `Greeter.Hello`; for an event the topic. */
  readonly endpoint: string
  readonly side: 'client' | 'server' | 'subscriber'
  /** The address of the other side, where it is known. */
  readonly peer: string | undefined
  /** The headers that came with the request, or go with it, without those of the protocol itself. */
  readonly metadata: Metadata
  /** The point in time, in milliseconds of the injected clock, after which nobody waits for the answer. */
  readonly deadline: number | undefined
  /** Aborted when the call is cancelled or its deadline has passed. Made when first read. */
  readonly signal: AbortSignal
}

/** The same context with `added` laid over its metadata: what a middleware passes on. */
export function withMetadata(context: Context, added: Metadata): Context {
  const metadata = { ...context.metadata, ...added }
  // Inherits, so that a signal which nobody has asked for yet is still not made.
  return Object.create(context, { metadata: { value: metadata, enumerable: true } }) as Context
}

const nanosPerMs = 1_000_000n

/** Milliseconds as the `Timeout` header carries them: decimal nanoseconds (PROTOCOL section 2.5). Never below zero. */
export function formatTimeout(ms: number): string {
  const whole = Math.floor(Math.max(0, ms))
  if (!Number.isSafeInteger(whole))
    throw new ServiceError('bad_request', `timeout ${ms} ms is not a finite time`)
  return String(BigInt(whole) * nanosPerMs)
}

/** Milliseconds of a `Timeout` header, or `undefined` when it is absent or not an unsigned 64-bit number, which peers ignore. */
export function parseTimeout(text: string | undefined): number | undefined {
  if (text === undefined || !/^[0-9]{1,20}$/.test(text)) return undefined
  const nanos = BigInt(text)
  if (nanos > 0xffff_ffff_ffff_ffffn) return undefined
  return Number(nanos) / 1e6
}
