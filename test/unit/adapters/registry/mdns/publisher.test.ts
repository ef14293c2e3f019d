import { concat, defer, of, Subject, throwError, type Observable } from 'rxjs'
import { beforeEach, expect, it } from 'vitest'
import { ServiceError } from 'headrace/streams'
import type { Medium } from '../../../../../src/adapters/registry/mdns/medium.js'
import { Publisher } from '../../../../../src/adapters/registry/mdns/publisher.js'
import { readDnsMessage } from '../../../../../src/wire/mdns/dns-reader.js'
import { writeDnsMessage } from '../../../../../src/wire/mdns/dns-writer.js'
import { instanceName, serviceQuery, type MdnsNode } from '../../../../../src/wire/mdns/node-packets.js'
import { FakeMedium } from '../../../../support/fake-medium.js'
import { VirtualClock, settle } from '../../../../support/virtual-clock.js'

const greeter: MdnsNode = {
  service: 'greeter',
  id: 'greeter-1',
  domain: 'local',
  host: 'vm',
  ip: '127.0.0.1',
  port: 80,
  strings: ['78'],
  ttlSeconds: 5,
}

let clock: VirtualClock
let medium: FakeMedium
let faults: ServiceError[]
beforeEach(() => {
  clock = new VirtualClock()
  medium = new FakeMedium(() => clock.now())
  faults = []
})

function publisherOn(group: Observable<Medium> = medium.opened): Publisher {
  const onFault = (error: ServiceError) => void faults.push(error)
  return new Publisher({ group, domains: ['local'], maxPacketBytes: 9_000, clock, onFault })
}

function said(): readonly string[] {
  return medium.sent.map(({ at, bytes }) => {
    const { response, answers } = readDnsMessage(bytes)
    const kind = response ? (answers[0]?.ttlSeconds === 0 ? 'goodbye' : 'announcement') : 'probe'
    return `${at} ${kind}`
  })
}

function isAnswered(): boolean {
  const before = medium.replies.length
  medium.arrive(writeDnsMessage(serviceQuery('greeter', 'local', 1), { compress: false }))
  return medium.replies.length > before
}

it('answers while a node is published', async () => {
  const publisher = publisherOn()
  publisher.publish([greeter], undefined).subscribe()
  expect(isAnswered()).toBe(true)
  publisher.withdraw([instanceName(greeter)]).subscribe()
  expect(isAnswered()).toBe(false)
})

it('says goodbye twice, and then nothing more', async () => {
  const publisher = publisherOn()
  publisher.publish([greeter], undefined).subscribe()
  publisher.withdraw([instanceName(greeter)]).subscribe()
  await settle()
  clock.advance(20)
  await settle()
  clock.advance(60_000)
  expect(said().slice(2)).toEqual(['0 goodbye', '20 goodbye'])
  expect(clock.pending).toBe(0)
})

it('says no second goodbye for a node that is back', async () => {
  const publisher = publisherOn()
  publisher.publish([greeter], undefined).subscribe()
  publisher.withdraw([instanceName(greeter)]).subscribe()
  await settle()
  publisher.publish([greeter], undefined).subscribe()
  clock.advance(20)
  await settle()
  expect(said().filter(each => each.endsWith('goodbye'))).toEqual(['0 goodbye'])
})

it('takes a node back that is not published again within its time', async () => {
  const publisher = publisherOn()
  publisher.publish([greeter], 5_000).subscribe()
  clock.advance(4_000)
  publisher.publish([greeter], 5_000).subscribe()
  clock.advance(4_000)
  expect(isAnswered()).toBe(true)
  clock.advance(1_000)
  expect(isAnswered()).toBe(false)
  expect(said().at(-1)).toBe('9000 goodbye')
})

it('says goodbye for everything when it is closed', async () => {
  const publisher = publisherOn()
  publisher.publish([greeter, { ...greeter, id: 'greeter-2' }], undefined).subscribe()
  const closing = publisher.close()
  await settle()
  clock.advance(20)
  await closing
  expect(said().filter(each => each.endsWith('goodbye'))).toHaveLength(4)
  expect(clock.pending).toBe(0)
})

it('announces everything again when the group was lost and is open again', () => {
  let lose = new Subject<never>()
  const group = defer(() => {
    lose = new Subject<never>()
    return concat(of(medium), lose)
  })
  publisherOn(group).publish([greeter], undefined).subscribe()
  clock.advance(10_000)
  const before = said().length
  lose.error(new ServiceError('unavailable', 'the interface went away'))
  expect(isAnswered()).toBe(false)
  clock.advance(1_000)
  expect(said().slice(before)).toEqual(['11000 announcement'])
  expect(isAnswered()).toBe(true)
  expect(faults.map(fault => fault.message)).toEqual(['the interface went away'])
})

it('tells its caller of a group that cannot be opened, and publishes nothing', () => {
  const publisher = publisherOn(throwError(() => new ServiceError('unavailable', 'no multicast')))
  const errors: ServiceError[] = []
  publisher.publish([greeter], undefined).subscribe({ error: (error: ServiceError) => errors.push(error) })
  expect(errors.map(error => error.kind)).toEqual(['unavailable'])
  expect(clock.pending).toBe(0)
})

it.each([
  ['a name that is no DNS name', { ...greeter, id: 'x'.repeat(64) }],
  ['a name that could not be listed', { ...greeter, id: 'a', service: `${'abcdefg.'.repeat(29)}abcdef` }],
  ['a node larger than a packet', { ...greeter, strings: Array<string>(50).fill('7'.repeat(255)) }],
])('refuses %s', (_, node) => {
  const errors: ServiceError[] = []
  publisherOn()
    .publish([node], undefined)
    .subscribe({ error: (error: ServiceError) => errors.push(error) })
  expect(errors.map(error => error.kind)).toEqual(['bad_request'])
  expect(medium.sent).toEqual([])
})
