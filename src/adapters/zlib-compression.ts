import { deflateSync, inflateSync } from 'node:zlib'
import { ServiceError } from '../streams/index.js'
import type { Compression } from '../wire/compression.js'

/** zlib from Node. Inflating stops at `maxTextBytes`, so a few bytes of a stranger cannot become gigabytes. `what` begins the error. */
export function zlibCompression(what: string, maxTextBytes: number): Compression {
  return {
    deflate: bytes => deflateSync(bytes),
    inflate: bytes => {
      try {
        return inflateSync(bytes, { maxOutputLength: maxTextBytes })
      } catch (cause) {
        throw new ServiceError(
          'bad_request',
          `${what}: the text of a node is damaged or longer than ${maxTextBytes} bytes (maxTextBytes)`,
          { cause },
        )
      }
    },
  }
}
