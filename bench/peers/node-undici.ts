import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Pool, type Dispatcher } from 'undici'
import { hundredBytes, type Peer, type PeerClient } from './peer.js'

/** Node's own http server, and the client that its `fetch` is made of: what a service without a runtime would use. */
export const nodeUndici: Peer = {
  about: "Node's http server and undici's Pool of 64 connections, the same JSON",

  async serve() {
    const server = createServer((request, response) => void answer(request, response))
    server.keepAliveTimeout = 60_000
    await new Promise<void>(done => server.listen(0, '127.0.0.1', done))
    const { port } = server.address() as AddressInfo
    return {
      address: `http://127.0.0.1:${port}`,
      close: async () => {
        server.closeAllConnections()
        await new Promise(done => server.close(done))
      },
    }
  },

  async connect(_, address) {
    const pools = Array.from({ length: 8 }, () => new Pool(address, { connections: 64 }))
    return clientOf(pools)
  },
}

function clientOf(pools: readonly Pool[]): PeerClient {
  const [pool] = pools
  if (pool === undefined) throw new Error('no pool')
  const event = JSON.stringify({ text: hundredBytes })
  return {
    call: name => ask(pool, '/hello', JSON.stringify({ name })),
    echo: payload => ask(pool, '/echo', JSON.stringify({ payload })),
    async serverStream(count) {
      const { body } = await post(pool, '/texts', JSON.stringify({ count }))
      return countLines(body)
    },
    publish: subscribers =>
      Promise.all(pools.slice(0, subscribers).map(subscriber => ask(subscriber, '/event', event))),
    connections: async () => pools.reduce((sum, { stats }) => sum + stats.connected, 0),
    close: async () => {
      await Promise.all(pools.map(each => each.close()))
    },
  }
}

function post(pool: Pool, path: string, body: string): Promise<Dispatcher.ResponseData> {
  return pool.request({ path, method: 'POST', headers: { 'Content-Type': 'application/json' }, body })
}

async function ask<R>(pool: Pool, path: string, body: string): Promise<R> {
  const response = await post(pool, path, body)
  return response.body.json() as Promise<R>
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body: unknown = JSON.parse(await bodyOf(request))
  switch (request.url) {
    case '/hello':
      return send(response, { greeting: `Hello ${(body as { name: string }).name}` })
    case '/texts':
      return sendLines(response, (body as { count: number }).count)
    default:
      return send(response, body)
  }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = []
  for await (const piece of request) pieces.push(piece as Buffer)
  return Buffer.concat(pieces).toString()
}

function send(response: ServerResponse, value: unknown): void {
  const body = JSON.stringify(value)
  response.writeHead(200, {
    'Content-Type': 'application/json',
    'Content-Length': Buffer.byteLength(body),
  })
  response.end(body)
}

async function sendLines(response: ServerResponse, count: number): Promise<void> {
  response.writeHead(200, { 'Content-Type': 'application/x-ndjson' })
  for (let sent = 0; sent < count; sent += 1) {
    if (!response.write(`${JSON.stringify({ text: hundredBytes })}\n`)) {
      await new Promise<void>(ready => response.once('drain', ready))
    }
  }
  response.end()
}

async function countLines(pieces: AsyncIterable<unknown>): Promise<number> {
  let count = 0
  let rest = ''
  for await (const piece of pieces) {
    const lines = (rest + String(piece)).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) {
      JSON.parse(line)
      count += 1
    }
  }
  return count
}
