import { randomUUID } from 'node:crypto'
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { firstValueFrom, lastValueFrom } from 'rxjs'
import { mdns } from 'headrace/adapters/registry/mdns'
import { ServiceError, type ServiceRecord } from 'headrace/streams'
import { NodeReader } from '../../src/adapters/registry/mdns/known-nodes.js'
import { zlibCompression } from '../../src/adapters/zlib-compression.js'
import { answersTo } from '../../src/wire/mdns/answers.js'
import { readDnsMessage } from '../../src/wire/mdns/dns-reader.js'
import { writeDnsMessage } from '../../src/wire/mdns/dns-writer.js'
import { announcement, type MdnsNode } from '../../src/wire/mdns/node-packets.js'
import { packText } from '../../src/wire/mdns/service-text.js'
import { fuzzSeed, mutate, seededRandom } from './fuzz.js'
import { bytesOf, vector } from './vectors.js'

const names = [
  'probe',
  'announce',
  'query-get',
  'query-list',
  'answer-service-ptr',
  'answer-service-ptr-qu',
  'answer-service-any',
  'answer-instance-any',
  'answer-instance-srv',
  'answer-instance-txt',
  'answer-list',
  'goodbye',
  'announce-topic',
]
const compression = zlibCompression('mdns', 65_536)
const node: MdnsNode = {
  service: 'go.micro.srv.greeter',
  id: 'x',
  domain: 'local',
  host: 'vm',
  ip: '127.0.0.1',
  port: 80,
  strings: ['78'],
  ttlSeconds: 120,
}

/** What a fuzz run found. */
export interface MdnsFuzzOutcome {
  /** The look-ups of a sound registration among the damaged packets that did not find it. */
  readonly missed: number
  readonly lookups: number
  /** Whether the registration is found, and a node that comes is seen by the watch, after it all. */
  readonly foundAfterwards: boolean
  readonly seenAfterwards: boolean
  /** How many faults the adapter reported. */
  readonly faults: number
  /** Bytes of heap that the run left behind, after a forced collection where the process offers one. */
  readonly growth: number
}

/**
 * Sends damaged forms of every captured packet to all sockets of a registry: to the group, to its shared port and to whom it asks from.
 * Every fourth has a sound packet around a damaged text. The port is of its own, so other tests on this machine hear nothing.
 */
export async function fuzzMdns(count: number): Promise<MdnsFuzzOutcome> {
  const seed = fuzzSeed()
  console.log(`fuzzing mDNS: ${count} packets, FUZZ_SEED=${seed}`)
  const random = seededRandom(seed)
  const port = await freePort()
  const registry = mdns({
    interface: '127.0.0.1',
    port,
    maxNodes: 200,
    maxCacheBytes: 1_048_576,
    queryMs: 50,
  })
  const asking = mdns({ interface: '127.0.0.1', port, queryMs: 50 })
  let faults = 0
  registry.events.subscribe(event => (faults += event.kind === 'fault' ? 1 : 0))
  const sound = record(`sound-${randomUUID()}`)
  const late = record(`late-${randomUUID()}`)
  const seen = new Set<string>()
  registry.watch().subscribe(event => {
    if (event.kind !== 'reset') seen.add(event.service.name)
  })
  await lastValueFrom(registry.register(sound), { defaultValue: undefined })
  const stranger = await openSocket()
  const inputs = [
    ...names.map(name => bytesOf(vector('2017-mdns-packets', name))),
    ...['probe', 'announce', 'query', 'goodbye'].map(name => bytesOf(vector('v118-mdns-packets', name))),
  ]
  const text = vector('2017-mdns-txt', 'txt-one-endpoint').text ?? ''
  const before = heap()
  let missed = 0
  let lookups = 0
  for (let sent = 0; sent < count; sent += 50) {
    for (let at = sent; at < Math.min(sent + 50, count); at += 1) {
      const packet = at % 4 === 0 ? withText(mutate([Buffer.from(text)], random)) : mutate(inputs, random)
      readAlone(packet)
      await send(stranger, packet, port, at % 2 === 0 ? '224.0.0.251' : '127.0.0.1')
    }
    if (sent % 1_000 !== 0) continue
    lookups += 1
    if ((await firstValueFrom(asking.lookup(sound.name))).length !== 1) missed += 1
  }
  const foundAfterwards = (await firstValueFrom(asking.lookup(sound.name))).length === 1
  await lastValueFrom(asking.register(late), { defaultValue: undefined })
  const limit = Date.now() + 3_000
  while (!seen.has(late.name) && Date.now() < limit) await firstValueFrom(asking.lookup(late.name))
  stranger.close()
  await asking.close()
  await registry.close()
  return {
    missed,
    lookups,
    foundAfterwards,
    seenAfterwards: seen.has(late.name),
    faults,
    growth: heap() - before,
  }
}

/** The same bytes through the pure parts: what throws anything but a ServiceError is told with the input. */
function readAlone(packet: Uint8Array): void {
  try {
    const message = readDnsMessage(packet)
    new NodeReader(['local'], compression, () => undefined).read(message)
    for (const answer of answersTo(message, [node], ['local'])) writeDnsMessage(answer, { compress: true })
  } catch (error) {
    if (error instanceof ServiceError && error.kind === 'bad_request') return
    throw new Error(`this packet ends in no ServiceError: ${Buffer.from(packet).toString('hex')}`, {
      cause: error,
    })
  }
}

function withText(text: Uint8Array): Uint8Array {
  const strings = packText(Buffer.from(text).toString('latin1'), compression)
  return writeDnsMessage(announcement({ ...node, strings }), { compress: false })
}

function record(name: string): ServiceRecord {
  const nodes = [{ id: `${name}-1`, address: '127.0.0.1:80', metadata: {} }]
  return { name, version: '1', metadata: {}, endpoints: [], nodes }
}

async function openSocket(): Promise<Socket> {
  const socket = createSocket('udp4')
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  socket.setMulticastInterface('127.0.0.1')
  return socket
}

async function freePort(): Promise<number> {
  const socket = await openSocket()
  const { port } = socket.address()
  socket.close()
  return port
}

function send(socket: Socket, packet: Uint8Array, port: number, address: string): Promise<void> {
  return new Promise((resolve, reject) =>
    socket.send(packet, port, address, error => (error === null ? setImmediate(resolve) : reject(error))),
  )
}

function heap(): number {
  globalThis.gc?.()
  return process.memoryUsage().heapUsed
}
