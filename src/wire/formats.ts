import type { Codec, Dialect, Envelope, Format, Formats, FormatsByDialect } from '../streams/index.js'
import { bare } from './bare.js'
import { jsonRpc } from './json-rpc.js'
import { mucp } from './mucp.js'
import { protoRpc, type ProtoRpcOptions } from './proto-rpc.js'
import { sniffed } from './sniffed.js'

/** The codecs that the table is made of. */
export interface Codecs {
  readonly json: Codec
  readonly protobuf: Codec
}

type Row = readonly [contentType: string, codec: Codec, envelopes: Readonly<Record<Dialect, Envelope>>]

/**
 * The content types of go-micro. In the dialect of 2017 each has an envelope in the body (PROTOCOL section 3.1): json-rpc or proto-rpc. In that of
 * version 1 (section 14.2) `application/json` and `application/protobuf` are the body alone, the others have the envelope inside. The bare dialect has
 * one type for each codec.
 */
export function createFormats({ json, protobuf }: Codecs, options?: ProtoRpcOptions): Formats {
  const [jsonBody, protoBody] = [jsonRpc(), protoRpc(options)]
  const [alone, headersOnly] = [bare(), mucp()]
  const sequenceOf = (id: string) => (/^[0-9]{1,15}$/.test(id) ? Number(id) : 0)
  const textBody = { envelope: jsonRpc({ noResult: 'null' }), idOf: (id: string) => id }
  const framed = mucp({ envelope: protoBody, idOf: sequenceOf })
  const perhapsFramed = mucp({ envelope: sniffed(protoBody), idOf: sequenceOf })
  const rows: readonly Row[] = [
    ['application/json', json, { rpc: jsonBody, mucp: headersOnly, bare: alone }],
    ['application/json-rpc', json, { rpc: jsonBody, mucp: mucp(textBody), bare: alone }],
    ['application/protobuf', protobuf, { rpc: protoBody, mucp: headersOnly, bare: alone }],
    ['application/proto-rpc', protobuf, { rpc: protoBody, mucp: framed, bare: alone }],
    ['application/octet-stream', protobuf, { rpc: protoBody, mucp: perhapsFramed, bare: alone }],
  ]
  return new Map(rows.map(row => [row[0], byDialect(row)]))
}

function byDialect([contentType, codec, envelopes]: Row): FormatsByDialect {
  const format = (dialect: Dialect, type: string): Format => {
    return { contentType: type, dialect, envelope: envelopes[dialect], codec }
  }
  return {
    rpc: format('rpc', contentType),
    mucp: format('mucp', contentType),
    bare: format('bare', `application/${codec.name}`),
  }
}
