import type { Socket } from 'node:net'
import type { MuxLimits } from '../../../wire/mux.js'
import { resolveMuxLimits } from '../../../wire/mux.js'
import { MuxSocket, type MuxOwner } from './mux-socket.js'
import type { ResolvedHttpOptions } from './options.js'

/** What a node writes into its metadata when it speaks the fast lane. */
export const fastLaneOffer = 'mux/1'

/** What a request to change to it asks for. */
export const fastLaneToken = 'headrace-mux/1'

/** The answer of a listener that changes to the fast lane. */
export const switching = `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: ${fastLaneToken}\r\n\r\n`

/** How often a connection is looked at, in milliseconds: often enough that no verdict is late by more than an eighth. */
export function fastLaneSweepMs(options: ResolvedHttpOptions): number {
  const { pingAfterMs, idlePingAfterMs, suspectAfterMs, deadAfterMs } = options
  return Math.max(5, Math.min(pingAfterMs, idlePingAfterMs, suspectAfterMs, deadAfterMs) / 8)
}

/** Whether a node offers the fast lane: its offers are separated by commas. */
export function offersFastLane(offers: string | undefined): boolean {
  if (offers === undefined) return false
  return offers.split(',').some(offer => offer.trim() === fastLaneOffer)
}

/** The limits of the fast lane as the options of the transport say. */
function fastLaneLimits(options: ResolvedHttpOptions): MuxLimits {
  const { maxBodyBytes, maxHeaderBytes, windowMessages, windowBytes } = options
  const { maxStreams, maxResetsPerSecond } = options
  const { pingAfterMs, idlePingAfterMs, suspectAfterMs, deadAfterMs } = options
  return resolveMuxLimits({
    maxStreams,
    maxResetsPerSecond,
    pingAfterMs,
    idlePingAfterMs,
    suspectAfterMs,
    deadAfterMs,
    maxHeaderBytes,
    maxMessageBytes: maxBodyBytes + maxHeaderBytes,
    streamMessages: windowMessages,
    streamBytes: windowBytes,
  })
}

/** A multiplexer over a socket whose handshake is done. */
export function muxSocket(
  socket: Socket,
  peer: string,
  dialled: boolean,
  owner: MuxOwner,
  options: ResolvedHttpOptions,
): MuxSocket {
  const { clock, lingerMs } = options
  const limits = fastLaneLimits(options)
  return new MuxSocket({
    socket,
    peer,
    dialled,
    limits,
    owner,
    now: () => clock.scheduler.now(),
    lingerMs,
  })
}
