import { resolveMuxLimits, type MuxLimits } from '../../../wire/mux.js'
import type { ResolvedHttpOptions } from './options.js'

/** What a node writes into its metadata when it speaks the fast lane in the messages of a WebSocket. */
export const webSocketOffer = 'ws/1'

/** The limits of the fast lane as the options of the transport say. */
export function fastLaneLimits(options: ResolvedHttpOptions): MuxLimits {
  const { maxBodyBytes, maxHeaderBytes, windowMessages, windowBytes } = options
  const { maxStreams, maxResetsPerSecond, maxCallBytes, maxControlFrames } = options
  const { pingAfterMs, idlePingAfterMs, suspectAfterMs, deadAfterMs } = options
  return resolveMuxLimits({
    maxStreams,
    maxResetsPerSecond,
    maxCallBytes,
    maxControlFrames,
    pingAfterMs,
    idlePingAfterMs,
    suspectAfterMs,
    deadAfterMs,
    maxHeaderBytes,
    maxMessageBytes: maxBodyBytes + maxHeaderBytes,
    streamMessages: windowMessages,
    streamBytes: windowBytes,
    connectionMessages: options.connectionWindowMessages,
    connectionBytes: options.connectionWindowBytes,
  })
}
