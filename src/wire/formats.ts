import type { Codec, Format, Formats } from '../streams/index.js'
import { jsonRpc } from './json-rpc.js'
import { protoRpc, type ProtoRpcOptions } from './proto-rpc.js'

/** The codecs that the table of go-micro 2017 is made of. */
export interface Codecs2017 {
  readonly json: Codec
  readonly protobuf: Codec
}

/**
 * The content types of go-micro 2017 (PROTOCOL section 3.1): `application/json` and `application/json-rpc` are JSON in the
 * json-rpc envelope; `application/protobuf`, `application/proto-rpc` and `application/octet-stream` are protobuf in
 * the proto-rpc envelope.
 */
export function formats2017({ json, protobuf }: Codecs2017, options?: ProtoRpcOptions): Formats {
  const jsonFormat = { envelope: jsonRpc(), codec: json }
  const protoFormat = { envelope: protoRpc(options), codec: protobuf }
  return new Map<string, Format>(
    [
      { contentType: 'application/json', ...jsonFormat },
      { contentType: 'application/json-rpc', ...jsonFormat },
      { contentType: 'application/protobuf', ...protoFormat },
      { contentType: 'application/proto-rpc', ...protoFormat },
      { contentType: 'application/octet-stream', ...protoFormat },
    ].map(format => [format.contentType, format]),
  )
}
