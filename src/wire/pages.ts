/**
 * What a web page and the service that it is connected to say to each other (docs/browser.md): calls as on the fast lane, with the name of the
 * service they are for in a header, and three endpoints of the service itself, in JSON.
 */
import { ServiceError, type Message, type Metadata, type NodeRecord } from '../streams/index.js'

/** The header that names the service whose endpoint is called; without it the endpoint is one of {@link pageEndpoints}. */
export const pageServiceKey = 'X-Micro-Service'

/** The endpoints that every service has for the pages that are connected to it. */
export const pageEndpoints = {
  /** A stream of the nodes of a service. */
  discover: 'Browser.Discover',
  /** A stream of the events of a topic. */
  subscribe: 'Browser.Subscribe',
  /** Publishes an event. */
  publish: 'Browser.Publish',
} as const

/** A node as a page sees it. */
export interface PageNode extends NodeRecord {
  readonly service: string
  readonly version: string
}

/** An event as it travels between a page and its service: JSON as its text, everything else as base64. */
export interface PageEvent {
  readonly contentType: string
  readonly text?: string
  readonly base64?: string
  readonly metadata?: Metadata
}

/** What became of an event of a page at one subscriber; `error` is the JSON text of a ServiceError. */
export interface PageReport {
  readonly subscriber: string
  readonly error?: string
}

/** The event of a message. */
export function toPageEvent({ headers, body }: Message, metadata: Metadata): PageEvent {
  const contentType = headers['Content-Type'] ?? ''
  return isJson(contentType)
    ? { contentType, metadata, text: new TextDecoder().decode(body) }
    : { contentType, metadata, base64: base64Of(body) }
}

/** The message of an event, which comes from a stranger. Throws `bad_request`. */
export function fromPageEvent({ contentType, text, base64, metadata = {} }: Partial<PageEvent>): Message {
  if (typeof contentType !== 'string' || (text === undefined && base64 === undefined)) {
    throw new ServiceError('bad_request', 'an event of a page has a contentType, and its text or base64')
  }
  const body = text === undefined ? bytesOf(String(base64)) : new TextEncoder().encode(String(text))
  return { headers: { ...metadata, 'Content-Type': contentType }, body }
}

function isJson(contentType: string): boolean {
  return contentType.startsWith('application/json')
}

function base64Of(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += String.fromCharCode(byte)
  return btoa(text)
}

function bytesOf(base64: string): Uint8Array {
  try {
    return Uint8Array.from(atob(base64), letter => letter.charCodeAt(0))
  } catch (cause) {
    throw new ServiceError('bad_request', 'an event of a page: its base64 is damaged', { cause })
  }
}
