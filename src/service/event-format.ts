import type { Format, Formats } from '../streams/codec.js'
import { ServiceError } from '../streams/errors.js'

/** How events of a Content-Type are written. Throws `bad_request` that lists those that are known. */
export function formatOf(formats: Formats, contentType: string): Format {
  const format = formats.get(contentType)
  if (format !== undefined) return format.rpc
  const known = [...formats.keys()].join(', ')
  throw new ServiceError('bad_request', `Unsupported Content-Type: ${contentType}; known are ${known}`)
}
