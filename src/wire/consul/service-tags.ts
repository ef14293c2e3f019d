import { ServiceError, type EndpointRecord, type Metadata } from '../../streams/index.js'
import type { Compression } from '../compression.js'
import { fromHex, toHex } from '../hex.js'
import { escapeLikeGo } from '../json-text.js'
import { endpointsFromJson, endpointsToJson, metadataFromJson } from '../service-json.js'
import { utf8Text } from '../utf8.js'

/** What the tags of a node say (PROTOCOL section 10): everything but its name, id and address. `metadata` is the node's. */
export interface ServiceTags {
  readonly version: string
  readonly endpoints: readonly EndpointRecord[]
  readonly metadata: Metadata
}

/** What reads tags, and hears of those that cannot be read. */
export interface TagReader {
  readonly compression: Compression
  readonly onFault: (error: ServiceError) => void
}

const encoder = new TextEncoder()

/** The tags in Go's order: one for each pair of the metadata, one for each endpoint, the version. */
export function writeServiceTags(tags: ServiceTags, { deflate }: Compression): readonly string[] {
  const tag = (kind: string, text: string) => `${kind}-${toHex(deflate(encoder.encode(text)))}`
  const json = (value: unknown) => escapeLikeGo(JSON.stringify(value))
  const endpoints = endpointsToJson(tags.endpoints) ?? []
  return [
    ...Object.entries(tags.metadata).map(([key, value]) => tag('t', json({ [key]: value }))),
    ...(endpoints as readonly unknown[]).map(endpoint => tag('e', json(endpoint))),
    tag('v', tags.version),
  ]
}

/**
 * Reads the tags, or gives `undefined` where no tag says a version: then it is no service of ours. Of endpoints and of metadata the first form
 * that is met counts, plain or packed; of versions the first tag. Never throws: what cannot be read is left out.
 */
export function readServiceTags(tags: readonly string[], reader: TagReader): ServiceTags | undefined {
  const version = textsOf(tags, 'v', reader)[0]
  if (version === undefined) return undefined
  const values = (kind: string) => textsOf(tags, kind, reader).map(text => parse(text, reader))
  const pairs = values('t').flatMap(value => Object.entries(metadataFromJson(value)))
  return { version, endpoints: endpointsFromJson(values('e')), metadata: Object.fromEntries(pairs) }
}

/** Whether one of the tags says a version. */
export function hasVersion(tags: readonly string[]): boolean {
  return tags.some(tag => isOf(tag, 'v'))
}

/** The texts of a kind, in the form that is met first. What cannot be unpacked is empty. */
function textsOf(tags: readonly string[], kind: string, reader: TagReader): readonly string[] {
  const ofKind = tags.filter(tag => isOf(tag, kind))
  const form = ofKind[0]?.[1]
  return ofKind
    .filter(tag => tag[1] === form)
    .map(tag => (form === '=' ? tag.slice(2) : unpack(tag.slice(2), reader)))
}

function isOf(tag: string, kind: string): boolean {
  return tag.startsWith(`${kind}-`) || tag.startsWith(`${kind}=`)
}

function unpack(hex: string, { compression, onFault }: TagReader): string {
  const packed = fromHex(hex)
  try {
    if (packed !== undefined) return utf8Text(compression.inflate(packed), 'consul: a tag')
    onFault(new ServiceError('bad_request', `consul: a tag is not hexadecimal: '${hex.slice(0, 40)}'`))
  } catch (cause) {
    onFault(ServiceError.from(cause))
  }
  return ''
}

function parse(text: string, { onFault }: TagReader): unknown {
  if (text === '') return undefined
  try {
    return JSON.parse(text) as unknown
  } catch (cause) {
    onFault(new ServiceError('bad_request', `consul: a tag is not JSON: '${text.slice(0, 40)}'`, { cause }))
    return undefined
  }
}
