import { endpointKey, type Envelope, type Format, type Formats } from '../../streams/codec.js'

/** The header that names the service whose endpoint is called (wire/pages.ts). */
const serviceKey = 'X-Micro-Service'

/** What a page asks for. */
export interface PageRequest {
  readonly contentType: string
  /** Empty: the service that the page is connected to, as such. */
  readonly service: string
  readonly endpoint: string
}

/**
 * The formats that pages write in: those of the fast lane, whose requests name, as their endpoint, all that a table of endpoints decides
 * by. {@link readPageRequest} takes it apart.
 */
export function pageFormats(formats: Formats): Formats {
  return new Map(
    [...formats].map(([type, { bare }]) => {
      const format: Format = { ...bare, envelope: withService(bare.envelope, type) }
      return [type, { bare: format, rpc: format, mucp: format }]
    }),
  )
}

/** Takes the name apart that {@link pageFormats} has put together. */
export function readPageRequest(name: string): PageRequest {
  const [contentType = '', service = '', ...endpoint] = name.split(' ')
  return { contentType, service, endpoint: endpoint.join(' ') }
}

function withService(envelope: Envelope, contentType: string): Envelope {
  return {
    ...envelope,
    readRequest(message) {
      const frame = envelope.readRequest(message)
      if (message.headers[endpointKey] === undefined) return frame // it goes on with the stream that it is on
      // A service with a space in its name is read as another one, which is then looked up like every other.
      return { ...frame, endpoint: `${contentType} ${message.headers[serviceKey] ?? ''} ${frame.endpoint}` }
    },
  }
}
