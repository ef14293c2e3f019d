/** One HTTP message, byte for byte. */
export interface HttpBytes {
  readonly start: string
  /** Header lines in the order of the wire. */
  readonly lines: readonly string[]
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
  /** How many bytes it took. */
  readonly size: number
}

/** What Go writes behind the head of a request without a body. */
const emptyChunked = '0\r\n\r\n'

/** The first whole message with a Content-Length, or with an empty chunked body; `undefined` while there is none. */
export function firstMessage(bytes: Buffer): HttpBytes | undefined {
  const headEnd = bytes.indexOf('\r\n\r\n')
  if (headEnd === -1) return undefined
  const [start = '', ...lines] = bytes.subarray(0, headEnd).toString('latin1').split('\r\n')
  const headers = Object.fromEntries(lines.map(line => line.split(/: (.*)/s).slice(0, 2) as [string, string]))
  const length = Number(headers['Content-Length'] ?? 0)
  const end = headEnd + 4 + length
  const size = headers['Transfer-Encoding'] === 'chunked' ? end + emptyChunked.length : end
  if (bytes.length < size) return undefined
  return { start, lines, headers, body: bytes.subarray(headEnd + 4, end), size }
}

/** All whole messages, and what is left behind them. */
export function allMessages(bytes: Buffer): {
  readonly messages: readonly HttpBytes[]
  readonly rest: Buffer
} {
  const messages: HttpBytes[] = []
  let rest = bytes
  for (let next = firstMessage(rest); next !== undefined; next = firstMessage(rest)) {
    messages.push(next)
    rest = rest.subarray(next.size)
  }
  return { messages, rest }
}
