import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

/** One HTTP message of a socket: its lines and its body, as text. */
export interface RawMessage {
  readonly text: string
  readonly start: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** Cuts the first whole message with a Content-Length out of what a socket got, or `undefined` while it is not whole. */
export function cutMessage(got: Buffer): RawMessage | undefined {
  const headEnd = got.indexOf('\r\n\r\n')
  if (headEnd === -1) return undefined
  const [start = '', ...lines] = got.subarray(0, headEnd).toString().split('\r\n')
  const headers = Object.fromEntries(lines.map(line => line.split(/: (.*)/s).slice(0, 2) as [string, string]))
  const end = headEnd + 4 + Number(headers['Content-Length'] ?? 0)
  if (got.length < end) return undefined
  const text = got.subarray(0, end).toString()
  return { text, start, headers, body: got.subarray(headEnd + 4, end).toString() }
}

/** Sends bytes to `host:port` and gives the first answer, or `undefined` when the connection ends without one. */
export function exchange(address: string, bytes: string | Uint8Array): Promise<RawMessage | undefined> {
  return new Promise(resolve => {
    const socket = connectTo(address)
    let got: Buffer = Buffer.alloc(0)
    const finish = (answer: RawMessage | undefined) => {
      socket.destroy()
      resolve(answer)
    }
    socket.on('data', chunk => {
      got = Buffer.concat([got, chunk])
      const answer = cutMessage(got)
      if (answer !== undefined) finish(answer)
    })
    socket.on('error', () => finish(undefined))
    socket.on('close', () => finish(cutMessage(got)))
    socket.write(bytes)
  })
}

/** A socket to `host:port`. */
export function connectTo(address: string): Socket {
  const [host = '', port = ''] = address.split(/:(?=\d+$)/)
  return connect(Number(port), host)
}

/** A server at loopback that answers every request with `answer`, and keeps what it got. */
export async function recordingServer(answer: string) {
  const requests: RawMessage[] = []
  const sockets = new Set<Socket>()
  const server = createServer(socket => {
    let got: Buffer = Buffer.alloc(0)
    sockets.add(socket)
    socket.on('error', () => undefined)
    socket.on('data', chunk => {
      got = Buffer.concat([got, chunk])
      for (let request = cutMessage(got); request !== undefined; request = cutMessage(got)) {
        requests.push(request)
        got = got.subarray(Buffer.byteLength(request.text))
        socket.write(answer)
      }
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const close = () =>
    new Promise<void>(resolve => {
      for (const socket of sockets) socket.destroy()
      server.close(() => resolve())
    })
  return { address: `127.0.0.1:${(server.address() as AddressInfo).port}`, requests, sockets, close }
}
