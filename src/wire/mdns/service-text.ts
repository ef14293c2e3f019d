import { ServiceError, type EndpointRecord, type Metadata } from '../../streams/index.js'
import type { Compression } from '../compression.js'
import { fromHex, toHex } from '../hex.js'
import { escapeLikeGo } from '../json-text.js'
import {
  endpointsFromJson,
  endpointsToJson,
  fieldsOf,
  metadataFromJson,
  metadataToJson,
} from '../service-json.js'
import { utf8Text } from '../utf8.js'

/** What a node's TXT record says (PROTOCOL section 9.2): everything but its id and address. `metadata` is the node's. */
export interface ServiceText {
  readonly service: string
  readonly version: string
  readonly endpoints: readonly EndpointRecord[]
  readonly metadata: Metadata
}

const encoder = new TextEncoder()
const pieceLength = 255

/** The JSON text, with the keys and escapes that Go writes. */
export function writeServiceText({ service, version, endpoints, metadata }: ServiceText): string {
  const json = JSON.stringify({
    Service: service,
    Version: version,
    Endpoints: endpointsToJson(endpoints),
    Metadata: metadataToJson(metadata),
  })
  return escapeLikeGo(json)
}

/** Reads the JSON text. Throws `bad_request` when it is not JSON or has no service or version. */
export function readServiceText(json: string): ServiceText {
  const { Service, Version, Endpoints, Metadata } = fieldsOf(parse(json))
  if (typeof Service !== 'string' || typeof Version !== 'string' || Service === '' || Version === '')
    throw new ServiceError('bad_request', 'mdns: the text of a node names no service or no version')
  return {
    service: Service,
    version: Version,
    endpoints: endpointsFromJson(Endpoints),
    metadata: metadataFromJson(Metadata),
  }
}

/** The strings of a TXT record: the text compressed, in lower-case hex, in pieces of 255 characters. */
export function packText(text: string, { deflate }: Compression): readonly string[] {
  const hex = toHex(deflate(encoder.encode(text)))
  return hex.match(new RegExp(`.{1,${pieceLength}}`, 'g')) ?? []
}

/** The text in the strings of a TXT record. Throws `bad_request` for anything that {@link packText} cannot have written. */
export function unpackText(strings: readonly string[], { inflate }: Compression): string {
  const packed = fromHex(strings.join(''))
  if (packed === undefined)
    throw new ServiceError('bad_request', 'mdns: the TXT strings of a node are not hexadecimal')
  return utf8Text(inflate(packed), 'mdns: the text of a node')
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json) as unknown
  } catch (cause) {
    throw new ServiceError('bad_request', 'mdns: the text of a node is not JSON', { cause })
  }
}
