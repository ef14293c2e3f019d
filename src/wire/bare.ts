import { emptyBody, endpointKey, type Envelope, type ResponseFrame } from '../streams/index.js'
import { utf8Text } from './utf8.js'

/** The header that holds the error of an answer. */
const errorKey = ':error'

/** Characters of an error text that go into a header; a longer one is the body, which has no limit of its own. */
const longestError = 2_048

/**
 * No envelope at all: the body is the codec's, the endpoint and the error are headers (docs/fast-lane.md section 11). A message without an
 * endpoint goes on with the stream it is on. Nothing carries an id: the wire beneath keeps calls apart.
 */
export function bare(): Envelope {
  return {
    name: 'bare',
    readRequest: ({ headers, body }) => ({ id: null, endpoint: headers[endpointKey] ?? '', body }),
    writeRequest({ endpoint, body }, headers) {
      if (endpoint !== '') headers[endpointKey] = endpoint
      return { headers, body }
    },
    readResponse({ headers, body }) {
      const error = headers[errorKey]
      return error === undefined ? { id: null, endpoint: '', body } : failed(error, body)
    },
    writeResponse({ error, body }, headers) {
      if (error === undefined) return { headers, body }
      const fits = error !== '' && error.length <= longestError
      headers[errorKey] = fits ? error : ''
      return { headers, body: fits ? emptyBody : new TextEncoder().encode(error) }
    },
  }
}

function failed(text: string, body: Uint8Array): ResponseFrame {
  const error = text === '' ? utf8Text(body, 'bare') : text
  return { id: null, endpoint: '', error, body: emptyBody }
}
