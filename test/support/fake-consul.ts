import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import type { SecureContextOptions } from 'node:tls'

/** A request as an agent sees it. */
export interface SeenRequest {
  readonly method: string
  /** Without query, percent-decoded. */
  readonly path: string
  readonly query: Readonly<Record<string, string>>
  readonly token: string | undefined
  /** The JSON value of the body, `undefined` where there is none. */
  readonly body: unknown
}

/** What a fake agent answers; a text is sent as it is, anything else as JSON. */
export interface FakeAnswer {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: unknown
}

/** Answers a request, or takes the response in its own hands and gives `undefined`. */
export type FakeHandler = (
  request: SeenRequest,
  response: ServerResponse,
) => Promise<FakeAnswer | undefined> | FakeAnswer | undefined

/** An HTTP server at loopback in the place of a Consul agent. */
export interface FakeConsul {
  readonly address: string
  /** What was asked, in the order of arrival. */
  readonly requests: readonly SeenRequest[]
  /** Connections that are open now. */
  readonly connections: number
  /** Resolves when `count` requests have come. */
  asked(count: number): Promise<void>
  close(): Promise<void>
}

/** Starts a fake agent. */
export async function fakeConsul(handler: FakeHandler, tls?: SecureContextOptions): Promise<FakeConsul> {
  const requests: SeenRequest[] = []
  const sockets = new Set<Socket>()
  const waiting = new Set<() => void>()
  const serve = async (message: IncomingMessage, response: ServerResponse) => {
    const seen = await readRequest(message)
    requests.push(seen)
    for (const look of waiting) look()
    const answer = await handler(seen, response)
    if (answer === undefined || response.destroyed) return
    const { status = 200, headers = { 'X-Consul-Index': '1' }, body } = answer
    const isText = typeof body === 'string'
    response.writeHead(status, { 'Content-Type': isText ? 'text/plain' : 'application/json', ...headers })
    response.end(isText || body === undefined ? body : JSON.stringify(body))
  }
  const onRequest = (message: IncomingMessage, response: ServerResponse) => void serve(message, response)
  const server = tls === undefined ? createServer(onRequest) : createTlsServer(tls, onRequest)
  server.on(tls === undefined ? 'connection' : 'secureConnection', (socket: Socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined).once('close', () => sockets.delete(socket))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    get connections() {
      return sockets.size
    },
    asked: count =>
      new Promise(resolve => {
        const look = () => {
          if (requests.length < count) return
          waiting.delete(look)
          resolve()
        }
        waiting.add(look)
        look()
      }),
    close: async () => {
      const closed = once(server, 'close')
      server.close()
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
}

async function readRequest(message: IncomingMessage): Promise<SeenRequest> {
  const chunks: Buffer[] = []
  for await (const chunk of message) chunks.push(chunk as Buffer)
  const text = Buffer.concat(chunks).toString()
  return readSeen(message.method ?? '', message.url ?? '', text, message.headers['x-consul-token'])
}

/** A request out of its parts, whichever way the sender escapes. */
export function readSeen(method: string, target: string, body: string, token?: unknown): SeenRequest {
  const url = new URL(target, 'http://agent')
  return {
    method,
    path: decodeURIComponent(url.pathname),
    query: Object.fromEntries(url.searchParams),
    token: typeof token === 'string' ? token : undefined,
    body: body === '' ? undefined : (JSON.parse(body) as unknown),
  }
}

/** One entry of `GET /v1/health/service/<name>`. */
export function healthEntry(
  name: string,
  id: string,
  { version = '1', port = 1, status = 'passing', tags = [`v=${version}`] as readonly string[] } = {},
): unknown {
  return {
    Node: { Node: 'vm', Address: '127.0.0.1' },
    Service: { ID: id, Service: name, Tags: tags, Address: '127.0.0.1', Port: port },
    Checks: [
      { CheckID: 'serfHealth', Status: 'passing' },
      { CheckID: `service:${id}`, Status: status, ServiceID: id },
    ],
  }
}

/** A fake agent's state: blocking queries wait for its index to move. */
export class FakeState {
  index = 10
  readonly services = new Map<string, unknown[]>()
  private readonly waiting = new Set<() => void>()

  /** Replaces the entries of a service, and wakes all questions that wait. */
  set(name: string, entries: readonly unknown[], index = this.index + 1): void {
    if (entries.length === 0) this.services.delete(name)
    else this.services.set(name, [...entries])
    this.index = index
    for (const wake of [...this.waiting]) wake()
  }

  /** Answers as an agent with this state. */
  readonly handler: FakeHandler = async ({ path, query, method }) => {
    if (method === 'PUT') return {}
    const { index } = query
    if (index !== undefined && Number(index) === this.index) await this.changed()
    const headers = { 'X-Consul-Index': String(this.index) }
    if (path === '/v1/catalog/services') {
      const names = [...this.services.keys()].map(name => [name, ['v=1']] as const)
      return { headers, body: { consul: [], ...Object.fromEntries(names) } }
    }
    if (path.startsWith('/v1/health/service/'))
      return { headers, body: this.services.get(path.slice('/v1/health/service/'.length)) ?? [] }
    return { headers, body: [] }
  }

  private changed(): Promise<void> {
    return new Promise(resolve => {
      const wake = () => {
        this.waiting.delete(wake)
        resolve()
      }
      this.waiting.add(wake)
    })
  }
}
