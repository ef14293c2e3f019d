import { ServiceError, type EndpointRecord, type Metadata } from '../../streams/index.js'
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

/** zlib's two directions (RFC 1950). `inflate` throws for damaged bytes and for more output than it allows. */
export interface Compression {
  readonly deflate: (bytes: Uint8Array) => Uint8Array
  readonly inflate: (bytes: Uint8Array) => Uint8Array
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
  const hex = Array.from(deflate(encoder.encode(text)), byte => byte.toString(16).padStart(2, '0')).join('')
  return hex.match(new RegExp(`.{1,${pieceLength}}`, 'g')) ?? []
}

/** The text in the strings of a TXT record. Throws `bad_request` for anything that {@link packText} cannot have written. */
export function unpackText(strings: readonly string[], { inflate }: Compression): string {
  const hex = strings.join('')
  if (hex === '' || hex.length % 2 !== 0 || !/^[0-9A-Fa-f]+$/.test(hex))
    throw new ServiceError('bad_request', 'mdns: the TXT strings of a node are not hexadecimal')
  const packed = new Uint8Array(hex.length / 2)
  for (let at = 0; at < packed.length; at += 1)
    packed[at] = (digit(hex, 2 * at) << 4) | digit(hex, 2 * at + 1)
  return utf8Text(inflate(packed), 'mdns: the text of a node')
}

/** The value of a hexadecimal digit: 0-9 are 0x30 up, A-F and a-f are 0x41 and 0x61 up. */
function digit(hex: string, at: number): number {
  const code = hex.charCodeAt(at)
  return (code & 0x0f) + (code > 0x39 ? 9 : 0)
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json) as unknown
  } catch (cause) {
    throw new ServiceError('bad_request', 'mdns: the text of a node is not JSON', { cause })
  }
}
