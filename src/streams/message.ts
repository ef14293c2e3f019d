/**
 * What transports and brokers carry: string headers and a byte body.
 *
 * Source: PROTOCOL section 1 (go-micro `transport.Message`).
 */

/** String headers or call metadata. Keys are matched exactly; {@link canonicalKey} gives the form HTTP carries. */
export type Metadata = Readonly<Record<string, string>>

/** One message of a transport or a broker. The receiver owns `body`: nobody writes into it after the hand-over. */
export interface Message {
  readonly headers: Metadata
  readonly body: Uint8Array
}

/** A body of no bytes. */
export const emptyBody: Uint8Array = new Uint8Array(0)

/**
 * The HTTP form of a header name, as Go writes it: the first letter and each letter after `-` in upper case, the
 * rest in lower case (`X-User-ID` becomes `X-User-Id`). A name with a character that HTTP does not allow in a header
 * name is returned as it is.
 */
export function canonicalKey(key: string): string {
  if (!/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(key)) return key
  return key
    .toLowerCase()
    .replace(/(^|-)([a-z])/g, (_, dash: string, letter: string) => dash + letter.toUpperCase())
}

/** The value of a header whatever the case of its name, or `undefined`. */
export function header(headers: Metadata, name: string): string | undefined {
  // Names come from peers: `constructor` must not be found in the prototype.
  if (Object.hasOwn(headers, name)) return headers[name]
  const wanted = name.toLowerCase()
  for (const key of Object.keys(headers)) if (key.toLowerCase() === wanted) return headers[key]
  return undefined
}
