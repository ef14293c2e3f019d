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

/** Milliseconds up to here are safe integers as nanoseconds, too. */
const fewMs = 9e9

/** So many digits are a safe integer. */
const fewDigits = 15

/** Milliseconds as the `Timeout` header carries them: decimal nanoseconds (PROTOCOL section 2.5). Never below zero. */
export function formatTimeout(ms: number): string {
  const whole = Math.floor(Math.max(0, ms))
  if (!Number.isSafeInteger(whole))
    throw new ServiceError('bad_request', `timeout ${ms} ms is not a finite time`)
  return whole <= fewMs ? String(whole * 1e6) : String(BigInt(whole) * nanosPerMs)
}

/** Milliseconds of a `Timeout` header, or `undefined` when it is absent or not an unsigned 64-bit number, which peers ignore. */
export function parseTimeout(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  // On the path of every call: the usual number is read without a regular expression and without a bigint.
  const few = text.length <= fewDigits ? fewDigitsOf(text) : undefined
  if (few !== undefined) return few / 1e6
  if (!/^[0-9]{1,20}$/.test(text)) return undefined
  const nanos = BigInt(text)
  if (nanos > 0xffff_ffff_ffff_ffffn) return undefined
  return Number(nanos) / 1e6
}

function fewDigitsOf(text: string): number | undefined {
  let number = 0
  for (let place = 0; place < text.length; place += 1) {
    const digit = text.charCodeAt(place) - 48
    if (digit < 0 || digit > 9) return undefined
    number = number * 10 + digit
  }
  return text === '' ? undefined : number
}
