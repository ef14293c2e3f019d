import type { Codec, Dialect, Envelope, Format, Formats, FormatsByDialect } from '../streams/index.js'
import { bare } from './bare.js'
import { jsonRpc } from './json-rpc.js'
import { protoRpc, type ProtoRpcOptions } from './proto-rpc.js'

/** The codecs that the table is made of. */
export interface Codecs {
  readonly json: Codec
  readonly protobuf: Codec
}

/**
 * The content types of go-micro (PROTOCOL section 3.1). In the dialect of 2017 `application/json` and `application/json-rpc` are JSON in
 * the json-rpc envelope; `application/protobuf`, `application/proto-rpc` and `application/octet-stream` are protobuf in the proto-rpc envelope. The bare
 * dialect has one type for each codec.
 */
export function createFormats({ json, protobuf }: Codecs, options?: ProtoRpcOptions): Formats {
  const [jsonEnvelope, protoEnvelope, bareEnvelope] = [jsonRpc(), protoRpc(options), bare()]
  const format = (dialect: Dialect, contentType: string, envelope: Envelope, codec: Codec): Format => {
    return { contentType, dialect, envelope, codec }
  }
  const bareJson = format('bare', 'application/json', bareEnvelope, json)
  const bareProto = format('bare', 'application/protobuf', bareEnvelope, protobuf)
  return new Map<string, FormatsByDialect>([
    ...['application/json', 'application/json-rpc'].map(
      type => [type, { rpc: format('rpc', type, jsonEnvelope, json), bare: bareJson }] as const,
    ),
    ...['application/protobuf', 'application/proto-rpc', 'application/octet-stream'].map(
      type => [type, { rpc: format('rpc', type, protoEnvelope, protobuf), bare: bareProto }] as const,
    ),
  ])
}
