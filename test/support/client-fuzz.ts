import { mkdtempSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { firstValueFrom, take, toArray } from 'rxjs'
import { http } from '../../src/adapters/transport/http.js'
import type { Service } from '../../src/index.js'
import type { CallOptions } from '../../src/streams/index.js'
import { traffic } from './framing.js'
import { fuzzSeed, mutate, seededRandom } from './fuzz.js'
import { GoGreeter, makeGoGreeter } from './go-greeter.js'
import { createMemoryNetwork } from './memory-network.js'
import { bytesOf, vector } from './vectors.js'

/** How a client asks: in which dialect and codec, and what. */
interface Way {
  readonly dialect: 'rpc' | 'mucp'
  readonly contentType: string
  readonly kind: 'hello' | 'stream' | 'serverStream'
  /** What servers have answered. */
  readonly answers: readonly Buffer[]
}

const unary2017 = ['unary-octet-stream', 'unary-json', 'unary-handler-error-proto', 'unary-plain-error-json']
const streams2017 = ['bidi-server-ends', 'server-push', 'stream-error']
const unary118 = ['mucp-unary', 'mucp-error']
const streams118 = ['mucp bidi-server-ends', 'mucp bidi-client-ends', 'mucp server-push', 'mucp stream-error']
const ja = ['response-hello-seq0', 'response-error', 'json-response', 'json-error', 'json-unknown-method']

const from = (file: string, name: string) => traffic(vector(file, name), 'server>client')
const answered = (name: string) => {
  const body = bytesOf(vector('ja-constructed', name))
  return Buffer.concat([Buffer.from(`HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n`), body])
}

/** Every dialect and codec with what is answered in it, unary and in streams. */
function ways(): readonly Way[] {
  const both = (kind: 'stream' | 'serverStream', dialect: 'rpc' | 'mucp', types: readonly string[]): Way[] =>
    types.map(contentType => {
      const [file, names] =
        dialect === 'rpc'
          ? (['2017-http-stream', streams2017] as const)
          : (['v118-http-stream', streams118] as const)
      return { dialect, contentType, kind, answers: names.map(name => from(file, `${name} ${contentType}`)) }
    })
  const old = [...unary2017.map(name => from('2017-http-unary', name)), ...ja.map(answered)]
  const types118 = [
    'application/protobuf',
    'application/json',
    'application/proto-rpc',
    'application/json-rpc',
  ]
  return [
    ...['application/json', 'application/octet-stream'].map((contentType): Way => ({
      dialect: 'rpc',
      contentType,
      kind: 'hello',
      answers: old,
    })),
    ...types118.map((contentType): Way => {
      const answers = unary118.map(name => from('v118-http-unary', `${name} ${contentType}`))
      return { dialect: 'mucp', contentType, kind: 'hello', answers }
    }),
    ...(['stream', 'serverStream'] as const).flatMap(kind => [
      ...both(kind, 'rpc', ['application/json', 'application/octet-stream']),
      ...both(kind, 'mucp', ['application/json', 'application/protobuf']),
    ]),
  ]
}

/** Calls that are under way at once. */
const width = 16

/** What a fuzz run found. */
export interface ClientFuzzOutcome {
  /** How the calls ended: `values`, or the kind of the error, and how often. */
  readonly ends: ReadonlyMap<string, number>
  /** Calls of a sound server beside the damaged ones, and how many were answered. */
  readonly asked: number
  readonly answered: number
  /** Sockets of the client that are left when all calls have ended. */
  readonly open: number
}

/**
 * Calls and streams of a client at a server whose answers are damaged forms of captured ones: those of 2017, of version 1 and of ja-micro. Each ends with values
 * or an error of ours. Rejects when one does not; what its server sent is then in a file.
 */
export async function fuzzClient(count: number): Promise<ClientFuzzOutcome> {
  const seed = fuzzSeed()
  console.log(`fuzzing the dialects of a client: ${count} inputs, FUZZ_SEED=${seed}`)
  const random = seededRandom(seed)
  const limits = { maxBodyBytes: 65_536, maxHeaderBytes: 4_096 }
  const network = createMemoryNetwork(() => http(limits))
  const sound = makeGoGreeter(network)
  await sound.start()
  const client = network.makeService('client', { timeoutMs: 5_000, retries: 0 })
  const all = ways()
  const servers = await Promise.all(Array.from({ length: width }, damagedServer))
  const ends = new Map<string, number>()
  let [asked, answered] = [0, 0]
  for (let sent = 0; sent < count; sent += width) {
    const outcomes = servers.slice(0, count - sent).map((server, at) => {
      const way = all[Math.floor(random() * all.length)]
      if (way === undefined) throw new Error('there is no way to call')
      const damaged = mutate(way.answers, random)
      // The first is cut off before it begins: by chance alone, a short run may have none.
      server.answer = sent + at === 0 ? new Uint8Array() : damaged
      return settled(client, way, server, seed)
    })
    for (const end of await Promise.all(outcomes)) ends.set(end, (ends.get(end) ?? 0) + 1)
    asked += 1
    const { greeting } = await client.client(GoGreeter, 'greeter').hello({ name: 'John' })
    if (greeting === 'Hello John') answered += 1
  }
  await client.close()
  const open = (await Promise.all(servers.map(server => server.close()))).reduce((sum, left) => sum + left, 0)
  await network.close()
  return { ends, asked, answered, open }
}

/** How one call ended. */
async function settled(
  client: Service,
  { dialect, contentType, kind }: Way,
  { address, answer }: DamagedServer,
  seed: number,
): Promise<string> {
  const options: CallOptions = { address, dialect, contentType, timeoutMs: 2_000 }
  const greeter = client.client(GoGreeter, 'go.micro.srv.greeter')
  const run = {
    hello: () => firstValueFrom(greeter.hello({ name: 'John' }, options)),
    stream: () => firstValueFrom(greeter.stream([{ count: 1n }], options).pipe(take(1_000), toArray())),
    serverStream: () =>
      firstValueFrom(greeter.serverStream({ count: 2n }, options).pipe(take(1_000), toArray())),
  }[kind]
  const stuck = new Promise<'stuck'>(resolve => setTimeout(resolve, 10_000, 'stuck').unref())
  const end = await Promise.race([
    stuck,
    run().then(
      () => 'values',
      (error: unknown) => error,
    ),
  ])
  if (typeof end === 'string' && end !== 'stuck') return end
  if (end instanceof Error && end.name === 'ServiceError' && 'kind' in end) return String(end.kind)
  const file = join(mkdtempSync(join(tmpdir(), 'headrace-fuzz-')), 'answer.bin')
  writeFileSync(file, answer)
  throw new Error(
    `${kind} in ${dialect} ${contentType}: ${String(end)}, FUZZ_SEED=${seed}; the answer is in ${file}`,
  )
}

/** A server at loopback that answers what comes first on each connection with some bytes, and ends. */
interface DamagedServer {
  readonly address: string
  answer: Uint8Array
  /** Gives how many sockets its clients have left open. */
  close(): Promise<number>
}

async function damagedServer(): Promise<DamagedServer> {
  const sockets = new Set<Socket>()
  const server = createServer(socket => {
    sockets.add(socket)
    socket.on('error', () => undefined).once('close', () => sockets.delete(socket))
    socket.once('data', () => socket.end(made.answer)).resume()
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const made: DamagedServer = {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    answer: new Uint8Array(),
    close: async () => {
      const closed = once(server, 'close')
      server.close()
      const grace = new Promise(resolve => setTimeout(resolve, 2_000))
      await Promise.race([closed, grace])
      const { size } = sockets
      for (const socket of sockets) socket.destroy()
      return size
    },
  }
  return made
}
