import { resolveMuxLimits, type MuxLimits } from '../../../wire/mux.js'
import type { ResolvedBrokerOptions } from './options.js'

/** The part of all unanswered bytes that one connection may hold. */
const connectionShare = 1 / 16

/** How many messages of a published stream wait for the credit of one subscriber: another one of its queue may take the next. */
const sendMessages = 16
const sendBytes = 64 * 1_024

/** How long a dial may take, and each step of the way to the fast lane; and how long an ended connection stays for its peer to end. */
export const sharedTimes = { dialTimeoutMs: 5_000, lingerMs: 250 } as const

type Options = Pick<ResolvedBrokerOptions, 'window' | 'maxBodyBytes' | 'maxHeaderBytes' | 'maxPendingBytes'>

/** What publishers may send on the fast lane: a window for each published stream. */
export function receivingLimits({
  window,
  maxBodyBytes,
  maxHeaderBytes,
  maxPendingBytes,
}: Options): MuxLimits {
  const connectionBytes = Math.max(1, Math.floor(maxPendingBytes * connectionShare))
  return resolveMuxLimits({
    maxHeaderBytes,
    maxMessageBytes: maxBodyBytes + maxHeaderBytes,
    streamMessages: window,
    connectionBytes,
    maxCallBytes: connectionBytes,
  })
}

/** What subscribers may send: short answers. What waits here for their credit has the same limits. */
export function sendingLimits({ maxHeaderBytes }: Options): MuxLimits {
  return resolveMuxLimits({
    maxHeaderBytes,
    maxMessageBytes: 2 * maxHeaderBytes,
    streamMessages: sendMessages,
    streamBytes: sendBytes,
  })
}
