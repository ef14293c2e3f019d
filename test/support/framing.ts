import { createRequestParser, createResponseParser, type HttpParser } from '../../src/wire/http1.js'
import { bytesOf, type Vector } from './vectors.js'

/** Limits that no vector reaches. */
export const wideLimits = { maxHeaderBytes: 64 * 1024, maxBodyBytes: 16 * 1024 * 1024 }

/** Gives bytes to a parser in pieces of so many bytes, and collects what comes out. */
export function parseIn<M>(parser: HttpParser<M>, bytes: Uint8Array, piece: number): M[] {
  const messages: M[] = []
  for (let at = 0; at < bytes.byteLength; at += piece) {
    parser.push(bytes.slice(at, at + piece))
    for (let next = parser.next(); next !== undefined; next = parser.next()) messages.push(next)
  }
  return messages
}

/** The requests of bytes in pieces. */
export const requestsIn = (bytes: Uint8Array, piece = bytes.byteLength) =>
  parseIn(createRequestParser(wideLimits), bytes, Math.max(1, piece))

/** The responses of bytes in pieces. */
export const responsesIn = (bytes: Uint8Array, piece = bytes.byteLength) =>
  parseIn(createResponseParser(wideLimits), bytes, Math.max(1, piece))

/** All bytes of one direction of a vector. */
export function traffic({ segments = [] }: Vector, direction: 'client>server' | 'server>client'): Buffer {
  const pieces = segments.filter(({ dir }) => dir === direction)
  return Buffer.concat(pieces.filter(({ hex, text }) => hex !== undefined || text !== undefined).map(bytesOf))
}

/** A head and a body as one piece of bytes. */
export function joinMessage(head: string, body: Uint8Array): Uint8Array {
  const bytes = Buffer.allocUnsafe(head.length + body.byteLength)
  bytes.write(head, 0, 'latin1')
  bytes.set(body, head.length)
  return bytes
}
