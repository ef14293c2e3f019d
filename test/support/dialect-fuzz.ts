import { firstValueFrom } from 'rxjs'
import { http } from '../../src/adapters/transport/http.js'
import { requestsIn, traffic } from './framing.js'
import { fuzzSeed, mutate, seededRandom } from './fuzz.js'
import { makeGoGreeter } from './go-greeter.js'
import { sendDamaged } from './http-fuzz.js'
import { createMemoryNetwork } from './memory-network.js'
import { dialRaw } from './raw-peer.js'
import { bytesOf, vector } from './vectors.js'

/** Requests of version 1: both codecs, all envelopes, events, and streams of which the client says how long they are. */
const unary = [
  'mucp-unary application/protobuf',
  'mucp-error application/json',
  'mucp-unary application/proto-rpc',
  'mucp-unary application/json-rpc',
  'mucp-void application/protobuf',
  'legacy-unary application/protobuf',
  'legacy-unary application/octet-stream',
  'legacy-unary application/json-rpc',
  'raw-x-micro',
  'raw-x-micro-target',
  'raw-two-same-id',
  'raw-topic',
  'pooled-two-calls',
]
const streams = [
  'mucp bidi-server-ends application/json',
  'mucp bidi-client-ends application/protobuf',
  'legacy bidi-server-ends application/protobuf',
  'legacy bidi-client-ends application/json',
]

/** A request as a head of header lines, and a body whose length is written when it is sent. */
interface Parts {
  readonly head: Uint8Array
  readonly body: Uint8Array
}

/** What a fuzz run found. */
export interface DialectFuzzOutcome {
  /** How the connections ended: status lines, or `closed`, and how often. */
  readonly ends: ReadonlyMap<string, number>
  /** Calls of a sound client of each dialect beside the damaged ones, and how many were answered. */
  readonly asked: number
  readonly answered: number
  /** Calls that the service takes for running when all its peers have gone. */
  readonly inFlight: number
}

/**
 * Sends damaged requests of version 1 and of ja-micro to a service. Half of them are damaged as bytes of a connection; the others have a body or a head
 * that is damaged and the right length, so that they come through HTTP to the envelopes, codecs and streams.
 */
export async function fuzzDialects(count: number): Promise<DialectFuzzOutcome> {
  const seed = fuzzSeed()
  console.log(`fuzzing the dialects of a service: ${count} inputs, FUZZ_SEED=${seed}`)
  const random = seededRandom(seed)
  const network = createMemoryNetwork(() =>
    http({ maxBodyBytes: 65_536, maxHeaderBytes: 4096, headerTimeoutMs: 500, lingerMs: 500 }),
  )
  const service = makeGoGreeter(network)
  service.subscribe('events', () => undefined)
  await service.start()
  const address = service.address ?? ''
  const whole = captured()
  const parts = [...whole.flatMap(partsOf), ...jaRequests()]
  const inputs = [...whole, ...jaRequests().map(joined)]
  const damaged = () => (random() < 0.5 ? mutate(inputs, random) : damagedParts(parts, random))
  const ends = new Map<string, number>()
  let [asked, answered] = [0, 0]
  for (let sent = 0; sent < count; sent += 16) {
    const batch = Array.from({ length: Math.min(16, count - sent) }, damaged)
    for (const end of await Promise.all(batch.map(bytes => sendDamaged(address, bytes, seed)))) {
      ends.set(end, (ends.get(end) ?? 0) + 1)
    }
    asked += 1
    if (await sound(address)) answered += 1
  }
  const { server } = await firstValueFrom(service.stats)
  await network.close()
  return { ends, asked, answered, inFlight: server?.inFlight ?? Number.NaN }
}

function captured(): readonly Buffer[] {
  return [
    ...unary.map(name => traffic(vector('v118-http-unary', name), 'client>server')),
    ...streams.map(name => traffic(vector('v118-http-stream', name), 'client>server')),
  ]
}

function partsOf(bytes: Uint8Array): readonly Parts[] {
  return requestsIn(bytes).map(({ headers, body }) => {
    const { 'Content-Length': _, Connection: __, ...rest } = headers
    const lines = Object.entries(rest).map(([name, value]) => `${name}: ${value}\r\n`)
    return { head: Buffer.from(lines.join('')), body }
  })
}

function jaRequests(): readonly Parts[] {
  const head = 'Connection: close\r\nX-Correlation-Id: 7\r\nContent-Type: '
  return [
    { name: 'request-hello', type: 'application/octet-stream' },
    { name: 'response-error', type: 'application/octet-stream' },
    { name: 'json-request', type: 'application/json; charset=utf-8' },
    { name: 'json-error', type: 'application/json' },
  ].map(({ name, type }) => ({
    head: Buffer.from(`${head}${type}\r\n`),
    body: bytesOf(vector('ja-constructed', name)),
  }))
}

function joined({ head, body }: Parts): Buffer {
  const start = Buffer.from(`POST / HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.byteLength}\r\n`)
  return Buffer.concat([start, head, Buffer.from('\r\n'), body])
}

function damagedParts(parts: readonly Parts[], random: () => number): Buffer {
  const one = parts[Math.floor(random() * parts.length)]
  if (one === undefined) throw new Error('there is nothing to damage')
  const bodies = [one.body, ...parts.map(({ body }) => body)]
  if (random() < 0.75) return joined({ head: one.head, body: mutate(bodies, random) })
  const heads = parts.map(({ head }) => head)
  return joined({ head: mutate([one.head, ...heads], random), body: one.body })
}

/** One call in the dialect of each generation is answered. */
async function sound(address: string): Promise<boolean> {
  const json = 'POST / HTTP/1.1\r\nContent-Type: application/json\r\n'
  const ja = '{"id":null,"method":"Greeter.Hello","params":[{"name":"John"}]}'
  const bare = '{"name":"John"}'
  const requests = [
    `${json}Micro-Endpoint: Greeter.Hello\r\nMicro-Id: 1\r\nContent-Length: ${bare.length}\r\n\r\n${bare}`,
    `${json}Connection: close\r\nX-Correlation-Id: 7\r\nContent-Length: ${ja.length}\r\n\r\n${ja}`,
  ]
  const peer = await dialRaw(address)
  try {
    let right = 0
    for (const request of requests) {
      peer.write(request)
      if ((await peer.message()).body.toString().includes('"greeting":"Hello John"')) right += 1
    }
    return right === requests.length
  } finally {
    peer.destroy()
  }
}
