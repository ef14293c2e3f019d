import { endpointKey, type Format, type Formats } from '../../streams/codec.js'
import type { Message, Metadata } from '../../streams/message.js'

/** The format of a request in the dialect that its headers show; `undefined` when its Content-Type is unknown. */
export function requestFormat(headers: Metadata, formats: Formats): Format | undefined {
  return formats.get(headers['Content-Type'] ?? '')?.[headers[endpointKey] === undefined ? 'rpc' : 'bare']
}

/** The answer to a request whose Content-Type is unknown: word for word that of go-micro (PROTOCOL section 2.6). */
export function unknownContentType({ headers }: Message): Message {
  const text = `Unsupported Content-Type: ${headers['Content-Type'] ?? ''}`
  return { headers: { 'Content-Type': 'text/plain' }, body: new TextEncoder().encode(text) }
}
