import { ServiceError, type Envelope } from '../streams/index.js'

/**
 * An envelope that may be missing: a body that it cannot read is taken as it is, and answered so. Clients of go-micro's version 1 send
 * `application/octet-stream` with frames to nodes that they take for old ones (PROTOCOL section 14.4).
 */
export function sniffed(framed: Envelope): Envelope {
  return {
    ...framed,
    name: `${framed.name} or nothing`,
    readRequest(message) {
      try {
        return framed.readRequest(message)
      } catch (failure) {
        if (ServiceError.from(failure).kind !== 'bad_request') throw failure
        return { id: null, endpoint: '', body: message.body }
      }
    },
    readResponse(message) {
      try {
        return framed.readResponse(message)
      } catch (failure) {
        if (ServiceError.from(failure).kind !== 'bad_request') throw failure
        return { id: null, endpoint: '', body: message.body }
      }
    },
    writeResponse: (frame, headers) =>
      frame.id === null ? { headers, body: frame.body } : framed.writeResponse(frame, headers),
  }
}
