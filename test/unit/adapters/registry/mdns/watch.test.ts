import { afterEach, beforeEach, expect, it } from 'vitest'
import type { RegistryEvent, ServiceError } from 'headrace/streams'
import { NodeReader } from '../../../../../src/adapters/registry/mdns/known-nodes.js'
import { watchNodes } from '../../../../../src/adapters/registry/mdns/watch.js'
import { zlibCompression } from '../../../../../src/adapters/zlib-compression.js'
import { answersTo } from '../../../../../src/wire/mdns/answers.js'
import { readDnsMessage } from '../../../../../src/wire/mdns/dns-reader.js'
import { writeDnsMessage } from '../../../../../src/wire/mdns/dns-writer.js'
import { announcement, goodbye, type MdnsNode } from '../../../../../src/wire/mdns/node-packets.js'
import { packText, writeServiceText } from '../../../../../src/wire/mdns/service-text.js'
import { FakeMedium } from '../../../../support/fake-medium.js'
import { VirtualClock } from '../../../../support/virtual-clock.js'

const compression = zlibCompression('mdns', 10_000)
const limits = { maxNodes: 3, maxCacheBytes: 100_000 }

let clock: VirtualClock
let medium: FakeMedium
let faults: ServiceError[]
beforeEach(() => {
  clock = new VirtualClock()
  medium = new FakeMedium(() => clock.now())
  faults = []
})
afterEach(() => expect(clock.pending).toBe(0))

function follow(name?: string, absentMs = 100): { readonly seen: string[]; readonly stop: () => void } {
  const onFault = (error: ServiceError) => void faults.push(error)
  const reader = new NodeReader(['local'], compression, onFault)
  const group = new FakeMedium(() => clock.now()).opened // it says nothing: one of the two is enough
  const parts = {
    group,
    queries: medium.opened,
    reader,
    domains: ['local'],
    queryMs: 100,
    absentMs,
    limits,
    clock,
    onFault,
  }
  const seen: string[] = []
  const watching = watchNodes(parts, name).subscribe(event => seen.push(`${clock.now()} ${shown(event)}`))
  return { seen, stop: () => watching.unsubscribe() }
}

function shown(event: RegistryEvent): string {
  const services = event.kind === 'reset' ? event.services : [event.service]
  return [event.kind, ...services.flatMap(service => service.nodes.map(node => node.id))].join(' ')
}

function node(id: string, { service = 'greeter', ttlSeconds = 120, metadata = {} } = {}): MdnsNode {
  const strings = packText(writeServiceText({ service, version: '1', endpoints: [], metadata }), compression)
  return { service, id, domain: 'local', host: 'vm', ip: '127.0.0.1', port: 80, strings, ttlSeconds }
}

const say = (message: Parameters<typeof writeDnsMessage>[0]) =>
  medium.arrive(writeDnsMessage(message, { compress: false }))
const asked = () => medium.sent.map(({ at, bytes }) => `${at} ${readDnsMessage(bytes).questions[0]?.name}`)

/** Answers every question from now on as a Go node does that announced itself long ago. */
function answering(nodes: readonly MdnsNode[]): void {
  const { multicast } = medium
  medium.multicast = bytes => {
    for (const answer of answersTo(readDnsMessage(bytes), nodes, ['local']))
      clock.schedule(() => say(answer), 1)
    return multicast.call(medium, bytes)
  }
}

it('begins with what answers, as soon as nothing new comes', () => {
  answering([node('old')])
  const { seen, stop } = follow('greeter')
  clock.advance(100)
  expect(seen).toEqual(['30 reset old'])
  stop()
})

it('waits on while nodes answer one after the other', () => {
  const { seen, stop } = follow('greeter')
  for (const id of ['a', 'b', 'c']) {
    clock.advance(20)
    say(announcement(node(id)))
    say(announcement(node('a'))) // heard again, which is no news
  }
  clock.advance(40)
  expect(seen).toEqual(['90 reset a b c'])
  stop()
})

it('tells a node that is slow to answer when it is heard of, and an empty list at the end of the time', () => {
  const { seen, stop } = follow('greeter')
  clock.advance(100)
  say(announcement(node('late')))
  expect(seen).toEqual(['100 reset', '100 create late'])
  stop()
})

it('asks once more and waits longer where nobody answers', () => {
  const { seen, stop } = follow('greeter', 500)
  clock.advance(499)
  expect(asked()).toEqual(['0 greeter.local', '100 greeter.local'])
  expect(seen).toEqual([])
  clock.advance(1)
  expect(seen).toEqual(['500 reset'])
  stop()
})

it('begins with a node that was slow to answer, as soon as nothing new comes', () => {
  const { seen, stop } = follow('greeter', 500)
  clock.advance(250)
  say(announcement(node('slow')))
  clock.advance(100)
  expect(seen).toEqual(['280 reset slow'])
  stop()
})

it('of all services begins at the end of the time: each is asked for when its name is heard', () => {
  answering([node('old')])
  const { seen, stop } = follow()
  clock.advance(100)
  expect(seen).toEqual(['100 reset old'])
  stop()
})

it('asks once more after a second, in case the first question got lost', () => {
  const { stop } = follow('greeter')
  clock.advance(5_000)
  expect(asked()).toEqual(['0 greeter.local', '1000 greeter.local'])
  stop()
})

it('keeps a Go node that announced itself once and answers', () => {
  answering([node('go')])
  const { seen, stop } = follow('greeter')
  clock.advance(3_600_000)
  expect(seen).toEqual(['30 reset go'])
  stop()
})

it('drops a node that died in silence at the end of its time, after three questions', () => {
  const { seen, stop } = follow('greeter')
  clock.advance(1_000)
  say(announcement(node('doomed', { ttlSeconds: 10 })))
  clock.advance(20_000)
  expect(seen).toEqual(['100 reset', '1000 create doomed', '11000 delete doomed'])
  // Chance is 0.5: one percent later than at 80, 90 and 95 percent.
  expect(asked().slice(2)).toEqual(['9100 greeter.local', '10100 greeter.local', '10600 greeter.local'])
  stop()
})

it('follows a Go node that says goodbye and comes back with each register', () => {
  const { seen, stop } = follow('greeter')
  clock.advance(100)
  for (const zone of ['a', 'b', 'b']) {
    say(goodbye(node('flapping')))
    say(announcement(node('flapping', { metadata: { zone } })))
    say(announcement(node('flapping', { metadata: { zone } })))
  }
  const flap = ['100 delete flapping', '100 create flapping']
  expect(seen).toEqual(['100 reset', '100 create flapping', ...flap, ...flap])
  stop()
})

it('tells of changed data as an update', () => {
  const { seen, stop } = follow('greeter')
  clock.advance(100)
  say(announcement(node('a')))
  say(announcement(node('a', { metadata: { zone: 'b' } })))
  expect(seen).toEqual(['100 reset', '100 create a', '100 update a'])
  stop()
})

it('of all services it asks for the list, then for each name on it', () => {
  answering([node('a'), node('b', { service: 'other' })])
  const { seen, stop } = follow()
  clock.advance(100)
  expect(asked()).toEqual(['0 _services.local', '1 greeter.local', '1 other.local'])
  expect(seen).toEqual(['100 reset a b'])
  stop()
})

it('passes over what other programs say in the same network', () => {
  const { seen, stop } = follow()
  clock.advance(100)
  const printer = { ...node('printer', { service: '_http._tcp' }), strings: ['path=/', 'note=hall'] }
  say(announcement(printer))
  say(announcement({ ...printer, strings: [] }))
  say({ ...announcement(node('x')), plain: true, answers: [] })
  expect(seen).toEqual(['100 reset'])
  expect(faults).toEqual([])
  stop()
})

it('reports a text that is damaged, and nodes beyond its limit', () => {
  const { seen, stop } = follow()
  clock.advance(100)
  say(announcement({ ...node('damaged'), strings: ['789cffff'] }))
  for (const id of ['a', 'b', 'c', 'd']) say(announcement(node(id)))
  expect(seen.slice(1)).toEqual(['100 create a', '100 create b', '100 create c'])
  expect(faults.map(fault => fault.kind)).toEqual(['bad_request', 'resource_exhausted'])
  stop()
})

it('does not believe a node whose name is not that of the service in its text', () => {
  const { seen, stop } = follow()
  clock.advance(100)
  say(announcement({ ...node('a', { service: 'greeter' }), service: 'other' }))
  expect(seen).toEqual(['100 reset'])
  stop()
})
