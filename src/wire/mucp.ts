/** The dialect of go-micro's version 1 (PROTOCOL section 14): what a call is about stands in headers. */
import {
  ServiceError,
  emptyBody,
  marksOf,
  type CallMarks,
  type Envelope,
  type FrameId,
  type Metadata,
  type RequestFrame,
} from '../streams/index.js'

/** The envelope that some content types still have inside. */
export interface InnerEnvelope {
  readonly envelope: Envelope
  /** The id in its body that stands for a `Micro-Id`; `''` for an answer that names none. */
  readonly idOf: (id: string) => FrameId
}

const noMarks: CallMarks = { id: undefined, stream: undefined }

/** Characters of the detail of an error that go into a header: peers limit the size of a head. */
const longestDetail = 4_096

/**
 * Endpoint, id, stream and error in `Micro-…` headers; the body is the codec's, or in the `inner` envelope. Answers write each header in
 * both spellings, `Micro-…` and `X-Micro-…`, and repeat no others of the request.
 *
 * A body that the inner envelope cannot read is the `fault` of its frame, so that the answer still finds its call. A body of no bytes is not read
 * at all. A long error is cut.
 */
export function mucp(inner?: InnerEnvelope): Envelope {
  return {
    name: inner === undefined ? 'mucp' : `mucp with ${inner.envelope.name}`,
    readRequest: message => readRequest(message, inner),
    writeRequest(frame, headers) {
      const { endpoint, error, body, service = '', marks = noMarks } = frame
      headers['Micro-Service'] = service
      headers['Micro-Method'] = endpoint
      headers['Micro-Endpoint'] = endpoint
      if (marks.id !== undefined) headers['Micro-Id'] = marks.id
      if (marks.stream !== undefined) headers['Micro-Stream'] = marks.stream
      if (error !== undefined) headers['Micro-Error'] = error
      if (inner === undefined) return { headers, body }
      const id = inner.idOf(marks.id ?? '')
      // Go writes the end of a client's stream as if it were an answer.
      return error === undefined
        ? inner.envelope.writeRequest({ id, endpoint, body }, headers)
        : inner.envelope.writeResponse({ id, endpoint, error, body }, headers)
    },
    readResponse(message) {
      const error = errorIn(message.headers)
      if (error !== undefined) return { id: null, endpoint: '', error, body: emptyBody }
      if (inner !== undefined) return inner.envelope.readResponse(message)
      return { id: null, endpoint: '', body: message.body }
    },
    writeResponse(frame, headers) {
      const { error, body, id, endpoint, marks = noMarks } = frame
      writeBoth(headers, 'Id', marks.id)
      if (marks.stream !== undefined) headers['Micro-Stream'] = marks.stream
      if (error !== undefined) {
        const text = shortError(error)
        writeBoth(headers, 'Error', text)
        if (inner === undefined) return { headers, body: emptyBody }
        const failed = { id: inner.idOf(''), endpoint: '', error: text, body }
        return inner.envelope.writeResponse(failed, headers)
      }
      if (inner === undefined) return { headers, body }
      const echoed = marks.stream === undefined ? '' : endpoint
      return inner.envelope.writeResponse({ id, endpoint: echoed, body }, headers)
    },
  }
}

function readRequest(
  message: Parameters<Envelope['readRequest']>[0],
  inner: InnerEnvelope | undefined,
): RequestFrame {
  const { headers, body } = message
  const marks = marksOf(headers)
  const endpoint =
    headers['Micro-Endpoint'] ??
    headers['Micro-Method'] ??
    headers['X-Micro-Endpoint'] ??
    headers['X-Micro-Method'] ??
    ''
  const error = errorIn(headers)
  if (error !== undefined) return { id: null, endpoint, marks, error, body: emptyBody }
  if (inner === undefined || body.length === 0) return { id: null, endpoint, marks, body }
  try {
    const frame = inner.envelope.readRequest(message)
    return { ...frame, endpoint: endpoint === '' ? frame.endpoint : endpoint, marks }
  } catch (failure) {
    return { id: null, endpoint, marks, body: emptyBody, fault: ServiceError.from(failure) }
  }
}

function errorIn(headers: Metadata): string | undefined {
  const error = headers['Micro-Error'] ?? headers['X-Micro-Error']
  return error === '' ? undefined : error
}

function writeBoth(headers: Record<string, string>, name: string, value: string | undefined): void {
  if (value === undefined) return
  headers[`Micro-${name}`] = value
  headers[`X-Micro-${name}`] = value
}

function shortError(text: string): string {
  if (text.length <= longestDetail) return text
  const { kind, detail, id, code, status } = ServiceError.fromWire(text)
  return new ServiceError(kind, `${detail.slice(0, longestDetail)}…`, { id, code, status }).toWire()
}
