import assert from 'node:assert/strict'
import type { ServiceRecord } from 'headrace/streams'
import { type Law } from '../law.js'
import { follow, sees } from './followed-watch.js'
import { done, greeter, has, idOf, idsOf, lookup, shape } from './records.js'
import type { RegistrySubject } from './subject.js'

const churn = [
  ['register', 'a', '1.0.0'],
  ['register', 'b', '1.0.0'],
  ['register', 'a', '1.0.0'],
  ['deregister', 'b', '1.0.0'],
  ['register', 'b', '2.0.0'],
  ['register', 'c', '2.0.0'],
  ['deregister', 'b', '2.0.0'],
  ['register', 'b', '1.0.0'],
  ['deregister', 'a', '1.0.0'],
  ['register', 'a', '1.0.0'],
  ['deregister', 'c', '2.0.0'],
] as const

/** What a watch tells. */
export const watchLaws: readonly Law<RegistrySubject>[] = [
  {
    name: 'a watch begins with exactly one reset, which holds what is there',
    async prove(subject) {
      const [here, there] = [subject.open(), subject.open()]
      const nothing = follow(there.watch(`${subject.service}-unknown`))
      await sees(subject, nothing, 'the empty reset', all => all.length > 0)
      assert.deepEqual(nothing.events, [{ kind: 'reset', services: [] }])
      await done(here.register(greeter(subject)))
      const seen = follow(there.watch(subject.service))
      await sees(subject, seen, 'the reset', all => all.length > 0)
      await done(here.register(greeter(subject, { id: 'b' })))
      await sees(subject, seen, 'the second node', () => has(seen.state, 'b'))
      const [first, ...rest] = seen.events
      assert.ok(first?.kind === 'reset', `the first event is ${first?.kind}`)
      assert.deepEqual(idsOf(first.services), [idOf(subject, 'a')])
      assert.ok(rest.every(event => event.kind !== 'reset'))
    },
  },
  {
    name: 'a running watch is told of a new node once',
    async prove(subject) {
      const [here, there] = [subject.open(), subject.open()]
      const seen = follow(there.watch(subject.service))
      await sees(subject, seen, 'the reset', all => all.length > 0)
      await done(here.register(greeter(subject)))
      await done(here.register(greeter(subject, { id: 'b' })))
      await sees(subject, seen, 'both nodes', () => has(seen.state, 'a') && has(seen.state, 'b'))
      assert.equal(seen.mentions(idOf(subject, 'a')), 1)
    },
  },
  {
    name: 'a running watch is told of a node that was deregistered',
    async prove(subject) {
      const [here, there] = [subject.open(), subject.open()]
      await done(here.register(greeter(subject)))
      const seen = follow(there.watch(subject.service))
      await sees(subject, seen, 'the node', () => has(seen.state, 'a'))
      await done(here.deregister(greeter(subject)))
      await sees(subject, seen, 'the node leave', () => !has(seen.state, 'a'))
    },
  },
  {
    name: 'registering again replaces the record of the node',
    async prove(subject) {
      const [here, there] = [subject.open(), subject.open()]
      await done(here.register(greeter(subject, { label: 'old' })))
      const seen = follow(there.watch(subject.service))
      await sees(subject, seen, 'the node', () => has(seen.state, 'a'))
      await done(here.register(greeter(subject, { label: 'new' })))
      const label = (records: readonly ServiceRecord[]) => records[0]?.nodes[0]?.metadata['label']
      await sees(subject, seen, 'the change', () => label([...seen.state.values()]) === 'new')
      assert.equal(label(await lookup(subject, there)), 'new')
    },
  },
  {
    name: 'a node that is registered with another version leaves the one it had',
    async prove(subject) {
      const [here, there] = [subject.open(), subject.open()]
      await done(here.register(greeter(subject, { version: '1.0.0' })))
      const seen = follow(there.watch(subject.service))
      await sees(subject, seen, 'the node', () => has(seen.state, 'a'))
      await done(here.register(greeter(subject, { version: '2.0.0' })))
      const versions = (records: Iterable<ServiceRecord>) => [...records].map(record => record.version)
      await sees(
        subject,
        seen,
        'the new version alone',
        () => String(versions(seen.state.values())) === '2.0.0',
      )
      assert.deepEqual(versions(await lookup(subject, there)), ['2.0.0'])
    },
  },
  {
    name: 'a watch of one service hears of no other',
    async prove(subject) {
      const [here, there] = [subject.open(), subject.open()]
      const seen = follow(there.watch(subject.service))
      await sees(subject, seen, 'the reset', all => all.length > 0)
      await done(here.register({ ...greeter(subject, { id: 'x' }), name: `${subject.service}-other` }))
      await done(here.register(greeter(subject)))
      await sees(subject, seen, 'the node', () => has(seen.state, 'a'))
      assert.equal(seen.mentions(idOf(subject, 'x')), 0)
    },
  },
  {
    name: 'a watch of everything hears of each service',
    async prove(subject) {
      const [here, there] = [subject.open(), subject.open()]
      await done(here.register(greeter(subject)))
      const seen = follow(there.watch())
      await sees(subject, seen, 'the first service', () => has(seen.state, 'a'))
      await done(here.register({ ...greeter(subject, { id: 'x' }), name: `${subject.service}-other` }))
      await sees(subject, seen, 'the second service', () => has(seen.state, 'x'))
    },
  },
  {
    name: 'each subscription of a watch is a watch of its own',
    async prove(subject) {
      const [here, there] = [subject.open(), subject.open()]
      await done(here.register(greeter(subject)))
      const watch = there.watch(subject.service)
      const one = follow(watch)
      await sees(subject, one, 'the node', () => has(one.state, 'a'))
      const two = follow(watch)
      await sees(subject, two, 'the node', () => has(two.state, 'a'))
      two.subscription.unsubscribe()
      await done(here.register(greeter(subject, { id: 'b' })))
      await sees(subject, one, 'the second node', () => has(one.state, 'a') && has(one.state, 'b'))
    },
  },
  {
    name: 'after any changes a watch has folded to what a look-up finds',
    async prove(subject) {
      const [here, there] = [subject.open(), subject.open()]
      const seen = follow(there.watch(subject.service))
      await sees(subject, seen, 'the reset', all => all.length > 0)
      for (const [change, id, version] of churn) {
        const record = greeter(subject, { id, version })
        await done(change === 'register' ? here.register(record) : here.deregister(record))
      }
      await done(here.register(greeter(subject, { id: 'last' })))
      await sees(subject, seen, 'the last node', () => has(seen.state, 'last'))
      assert.deepEqual(shape(seen.state.values()), shape(await lookup(subject, there)))
    },
  },
]
