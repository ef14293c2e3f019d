import type { Codec, Format, Formats } from '../streams/codec.js'
import { bare } from '../wire/bare.js'

/** The formats of a page: it speaks the fast lane alone, so there is no other dialect. */
export function bareFormats(json: Codec, protobuf: Codec): Formats {
  const envelope = bare()
  const types: readonly (readonly [string, Codec])[] = [
    ['application/json', json],
    ['application/protobuf', protobuf],
  ]
  return new Map(
    types.map(([contentType, codec]) => {
      const format: Format = { contentType, dialect: 'bare', envelope, codec }
      return [contentType, { bare: format, rpc: format, mucp: format }]
    }),
  )
}
