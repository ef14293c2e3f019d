import type { Format, Formats } from '../../streams/codec.js'
import type { ServiceError } from '../../streams/errors.js'
import type { Metadata } from '../../streams/message.js'

/**
 * Whether a request of the dialect of 2017 comes from ja-micro (PROTOCOL section 16). Its client sends one call on each connection, with a correlation
 * id and without a deadline; go-micro keeps connections and sends `Timeout`. Asked only where the answer would differ.
 */
export function isJaMicro(headers: Metadata): boolean {
  return (
    headers['X-Correlation-Id'] !== undefined &&
    headers['Timeout'] === undefined &&
    /\bclose\b/i.test(headers['Connection'] ?? '')
  )
}

/** How the content types begin that ja-micro knows, and the type that each is read as. */
const prefixes = [
  ['application/json', 'application/json'],
  ['application/proto', 'application/protobuf'],
  ['application/octet-stream', 'application/octet-stream'],
] as const

/** The format of a content type that is none of the table, as ja-micro reads it: by its beginning. */
export function formatByPrefix(contentType: string, formats: Formats): Format | undefined {
  const found = prefixes.find(([prefix]) => contentType.startsWith(prefix))
  return found === undefined ? undefined : formats.get(found[1])?.rpc
}

/**
 * The JSON object that ja-micro reads as an error, with the fields of go-micro beside its own. Both have a `code`: here it is ja-micro's, a
 * text of the application or null; the number is the category.
 */
export function jaErrorText({ id, kind, code, detail, status }: ServiceError): string {
  const retriable = kind === 'unavailable' || kind === 'resource_exhausted'
  const own = { category: code, message: detail, source: id, code: null, data: null, retriable }
  return JSON.stringify({ ...own, id, detail, status })
}
