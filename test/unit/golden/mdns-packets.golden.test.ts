import { firstValueFrom } from 'rxjs'
import { describe, expect, it, test } from 'vitest'
import { mdns } from 'headrace/adapters/registry/mdns'
import { formatAddress, type RegistryEvent, type ServiceError } from 'headrace/streams'
import { NodeReader } from '../../../src/adapters/registry/mdns/known-nodes.js'
import { Publisher } from '../../../src/adapters/registry/mdns/publisher.js'
import { watchNodes } from '../../../src/adapters/registry/mdns/watch.js'
import { zlibCompression } from '../../../src/adapters/zlib-compression.js'
import { answersTo } from '../../../src/wire/mdns/answers.js'
import type { DnsMessage } from '../../../src/wire/mdns/dns-message.js'
import { readDnsMessage } from '../../../src/wire/mdns/dns-reader.js'
import { writeDnsMessage } from '../../../src/wire/mdns/dns-writer.js'
import { readServiceNames } from '../../../src/wire/mdns/heard-nodes.js'
import {
  announcement,
  goodbye,
  listService,
  probe,
  serviceQuery,
  type MdnsNode,
} from '../../../src/wire/mdns/node-packets.js'
import { deliberateDifferences } from '../../support/deliberate-differences.js'
import { FakeMedium } from '../../support/fake-medium.js'
import { serviceFromGo, type GoService } from '../../support/go-records.js'
import { bytesOf, vector, vectors } from '../../support/vectors.js'
import { VirtualClock } from '../../support/virtual-clock.js'

const file = '2017-mdns-packets'
const compression = zlibCompression('mdns', 65_536)
const reader = new NodeReader(['local'], compression, error => expect.fail(error.message))

const captured = (name: string) => bytesOf(vector(file, name))
const uncompressed = (message: DnsMessage) => Buffer.from(writeDnsMessage(message, { compress: false }))

/** The node of a vector. Its TXT strings are Go's, because another zlib gives other bytes for the same text. */
function nodeOf(name: 'announce' | 'announce-topic'): MdnsNode {
  const { name: service, nodes } = vector(file, name).input as GoService
  const [node] = nodes
  const txt = readDnsMessage(captured(name)).answers.find(({ data }) => data.type === 'TXT')
  if (node === undefined || txt?.data.type !== 'TXT') throw new Error(`vector '${name}' has no node`)
  const { strings } = txt.data
  return {
    service,
    id: node.id,
    domain: 'local',
    host: 'vm',
    ip: node.address,
    port: node.port ?? 0,
    strings,
    ttlSeconds: 120,
  }
}

describe('packets of go-micro 2017 that headrace sends', () => {
  it('probe', () => {
    const go = captured('probe')
    expect(uncompressed(probe(nodeOf('announce'), go.readUInt16BE(0)))).toEqual(go)
  })

  test.each(['announce', 'announce-topic'] as const)('%s', name => {
    expect(uncompressed(announcement(nodeOf(name)))).toEqual(captured(name))
  })

  it('goodbye', () => {
    expect(uncompressed(goodbye(nodeOf('announce')))).toEqual(captured('goodbye'))
  })

  test.each([
    ['query-get', 'go.micro.srv.greeter'],
    ['query-list', listService],
  ] as const)('%s', (name, service) => {
    const go = captured(name)
    expect(uncompressed(serviceQuery(service, 'local', go.readUInt16BE(0)))).toEqual(go)
  })

  test.each([
    'answer-service-ptr',
    'answer-service-ptr-qu',
    'answer-service-any',
    'answer-instance-any',
    'answer-instance-srv',
    'answer-instance-txt',
    'answer-list',
    'answer-enum',
  ])('%s', name => {
    expect(answersLike(name)).toEqual(vectors(file, name).map(bytesOf))
  })

  it('answer-host-a', () => {
    // The second answer of Go is the 0.0.0.0 of the list entry.
    expect(deliberateDifferences[`${file}/answer-host-a`]).toBeDefined()
    expect(answersLike('answer-host-a')).toEqual(vectors(file, 'answer-host-a').map(bytesOf).slice(0, 1))
  })

  test.each(['answer-instance-ptr', 'answer-upper-case'])('%s is not answered', name => {
    expect(answersLike(name)).toEqual([])
  })
})

function answersLike(name: string): readonly Buffer[] {
  const { query } = vectors(file, name)[0]?.input as { readonly query: string }
  const answers = answersTo(readDnsMessage(Buffer.from(query, 'hex')), [nodeOf('announce')], ['local'])
  return answers.map(answer => Buffer.from(writeDnsMessage(answer, { compress: true })))
}

describe('packets of go-micro 2017 that headrace hears', () => {
  test.each([
    'announce',
    'answer-service-ptr',
    'answer-service-ptr-qu',
    'answer-service-any',
    'answer-instance-any',
  ])('%s tells of the whole node', name => {
    const { known, gone } = reader.read(readDnsMessage(captured(name)))
    const [heard] = known
    expect(heard?.record).toEqual(serviceFromGo(vector(file, 'announce').input as GoService))
    expect(heard?.ttlSeconds).toBe(120)
    expect(gone).toEqual([])
  })

  it('announce-topic tells of the whole node', () => {
    const [heard] = reader.read(readDnsMessage(captured('announce-topic'))).known
    expect(heard?.record).toEqual(serviceFromGo(vector(file, 'announce-topic').input as GoService))
  })

  it('goodbye takes the node back', () => {
    const [heard] = reader.read(readDnsMessage(captured('announce'))).known
    const { known, gone } = reader.read(readDnsMessage(captured('goodbye')))
    expect(known).toEqual([])
    expect(gone).toEqual([heard?.instance])
  })

  test.each(['answer-instance-srv', 'answer-instance-txt', 'answer-list', 'probe'])(
    '%s names no complete node',
    name => {
      expect(reader.read(readDnsMessage(captured(name)))).toEqual({ known: [], gone: [] })
    },
  )

  it('answer-list names the service', () => {
    expect(readServiceNames(readDnsMessage(captured('answer-list')), 'local')).toEqual([
      'go.micro.srv.greeter',
    ])
  })
})

describe('what go-micro 2017 does over time', () => {
  it('register-timeline: three probes, three announcements, none of the list entry', () => {
    const go = (vector(file, 'register-timeline').json as string[]).map(line => line.split(' ')[0])
    const { kinds, times } = publishedPackets()
    expect(count(kinds)).toEqual(count(go))
    expect(deliberateDifferences[`${file}/register-timeline`]).toBeDefined()
    expect(kinds.slice(0, 2).sort()).toEqual(['announce', 'probe'])
    expect(times).toEqual([0, 0, 125, 250, 1_000, 3_000]) // chance is always 0.5 here
  })

  it('re-register-unchanged: headrace announces again, because its nodes expire', () => {
    expect(vector(file, 're-register-unchanged').json).toBe(0)
    expect(deliberateDifferences[`${file}/re-register-unchanged`]).toBeDefined()
    expect(publishedPackets(node => [node]).kinds.slice(6)).toEqual(['announce'])
  })

  it('re-register-counts: a change is announced as one, without a goodbye that would make watchers drop the node', () => {
    const [first, changed, again] = vector(file, 're-register-counts').json as readonly Readonly<
      Record<string, number>
    >[]
    const { kinds } = publishedPackets(node => [
      { ...node, strings: ['new'] },
      { ...node, strings: ['new'] },
    ])
    expect(count(kinds.slice(0, 6))).toEqual({ probe: first?.['probe'], announce: first?.['announce'] })
    expect([changed?.['goodbye'], again?.['goodbye']]).toEqual([1, 1])
    expect(deliberateDifferences[`${file}/re-register-counts`]).toBeDefined()
    expect(count(kinds.slice(6))).toEqual({ announce: 3 + 1 })
  })

  it('watch-events: the repeated announcements and goodbyes are one event each', async () => {
    const events = vector(file, 'watch-events').json as readonly { action: string; service: GoService }[]
    expect(events.map(event => event.action)).toEqual([
      'create',
      'create',
      'create',
      'create',
      'delete',
      'delete',
    ])
    expect(deliberateDifferences[`${file}/watch-events`]).toBeDefined()
    const clock = new VirtualClock()
    const medium = new FakeMedium(() => clock.now())
    const seen: RegistryEvent[] = []
    const limits = { maxNodes: 10, maxCacheBytes: 100_000 }
    const onFault = (error: ServiceError) => expect.fail(error.message)
    const { opened } = medium
    const parts = {
      group: opened,
      queries: opened,
      reader,
      domains: ['local'],
      queryMs: 100,
      absentMs: 100,
      limits,
      clock,
      onFault,
    }
    const watching = watchNodes(parts, undefined).subscribe(event => seen.push(event))
    clock.advance(100)
    for (let time = 0; time < 4; time += 1) medium.arrive(captured('announce-topic'))
    for (let time = 0; time < 2; time += 1) medium.arrive(uncompressed(goodbye(nodeOf('announce-topic'))))
    watching.unsubscribe()
    const service = serviceFromGo(events[0]?.service ?? expect.fail('no event'))
    expect(seen).toEqual([
      { kind: 'reset', services: [] },
      { kind: 'create', service },
      { kind: 'delete', service },
    ])
  })

  test.each(['register-address localhost', 'register-address '])(
    '%s: refused, the address must be an IP',
    async name => {
      expect(vector(file, name).text).toBe('invalid IP address in IPs list: <nil>')
      const address = name.split(' ')[1] ?? ''
      await expect(registered(address === '' ? '' : `${address}:1`)).rejects.toMatchObject({
        kind: 'bad_request',
      })
    },
  )

  it('register-address ::1 and get-ipv6: registered, and read back with its address', async () => {
    expect(vector(file, 'register-address ::1').text).toBe('<nil>')
    const [go] = vector(file, 'get-ipv6').json as readonly GoService[]
    expect(go?.nodes[0]?.address).toBe('<nil>')
    expect(deliberateDifferences[`${file}/get-ipv6`]).toBeDefined()
    const node = { ...nodeOf('announce'), ip: '::1', port: 1 }
    const [heard] = reader.read(readDnsMessage(uncompressed(announcement(node)))).known
    expect(heard?.record.nodes[0]?.address).toBe(formatAddress('::1', 1))
  })
})

/** What a publisher multicasts for a node, and for what it is registered as after ten seconds each. */
function publishedPackets(later: (node: MdnsNode) => readonly MdnsNode[] = () => []): {
  readonly kinds: readonly string[]
  readonly times: readonly number[]
} {
  const clock = new VirtualClock()
  const medium = new FakeMedium(() => clock.now())
  const onFault = (error: ServiceError) => expect.fail(error.message)
  const publisher = new Publisher({
    group: medium.opened,
    domains: ['local'],
    maxPacketBytes: 9_000,
    clock,
    onFault,
  })
  const node = nodeOf('announce')
  for (const each of [node, ...later(node)]) {
    publisher.publish([each], undefined).subscribe()
    clock.advance(10_000)
  }
  const kinds = medium.sent.map(({ bytes }) => {
    const { response, answers } = readDnsMessage(bytes)
    return !response ? 'probe' : answers.some(answer => answer.ttlSeconds === 0) ? 'goodbye' : 'announce'
  })
  return { kinds, times: medium.sent.map(({ at }) => at) }
}

function count(kinds: readonly (string | undefined)[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (const kind of kinds) counts[kind ?? ''] = (counts[kind ?? ''] ?? 0) + 1
  return counts
}

async function registered(address: string): Promise<void> {
  const registry = mdns({ interface: '127.0.0.1' })
  const nodes = [{ id: 'x-1', address, metadata: {} }]
  try {
    const service = { name: 'x', version: '1', metadata: {}, endpoints: [], nodes }
    await firstValueFrom(registry.register(service), { defaultValue: undefined })
  } finally {
    await registry.close()
  }
}
