import type { HttpBytes } from './http-bytes.js'

/** What counts in an answer of version 1: what the server itself has written. Headers of the request that Go echoes are for nobody, and so is the line feed behind a JSON body. */
export function essenceOf({ start, headers, body }: HttpBytes) {
  const text = body.toString('latin1')
  const json = headers['Content-Type'] === 'application/json'
  return {
    start,
    type: headers['Content-Type'],
    body: json ? text.trimEnd() : text,
    id: headers['Micro-Id'],
    error: headers['X-Micro-Error'],
  }
}

/** Both spellings of what a server writes say the same. */
export function spelledTwice({ headers }: HttpBytes): boolean {
  return ['Id', 'Error'].every(
    name =>
      headers[`X-Micro-${name}`] === undefined || headers[`X-Micro-${name}`] === headers[`Micro-${name}`],
  )
}

/**
 * The bytes that a request of ours must have: those of Go, with the address of the server and the names of the program and of the calling service in
 * their places, the first id, no line feed behind JSON, and a length of 0 where Go writes an empty chunked body.
 */
export function asOursV118({ start, lines, body }: HttpBytes, address: string, from: string): string {
  const json = lines.includes('Content-Type: application/json')
  const text = json ? body.toString('latin1').trimEnd() : body.toString('latin1')
  const head = lines.flatMap(line => {
    if (line.startsWith('Host: ')) return [`Host: ${address}`]
    if (line.startsWith('User-Agent: ')) return ['User-Agent: headrace']
    if (/^(Content-Length|Transfer-Encoding): /.test(line)) return [`Content-Length: ${text.length}`]
    if (line.startsWith('Micro-Endpoint: ')) return [line]
    if (line.startsWith('Micro-Id: ')) return [`Micro-From-Service: ${from}`, 'Micro-Id: 0']
    return line.startsWith('Micro-Stream: ') ? ['Micro-Stream: 0'] : [line]
  })
  const sorted = head.slice(3).sort()
  return [start, ...head.slice(0, 3), ...sorted, '', text].join('\r\n')
}
