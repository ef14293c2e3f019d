import assert from 'node:assert/strict'
import { within, type Law } from '../law.js'
import { follow, sees } from './followed-watch.js'
import { detailed, done, greeter, has, idOf, idsOf, lookup, names } from './records.js'
import type { RegistrySubject } from './subject.js'

/** What is found by asking once. */
export const lookupLaws: readonly Law<RegistrySubject>[] = [
  {
    name: 'a node that was deregistered is not looked up any more, another stays',
    async prove(subject) {
      const [here, there] = [subject.open(), subject.open()]
      await done(here.register(greeter(subject, { id: 'a' })))
      await done(here.register(greeter(subject, { id: 'b' })))
      await done(here.deregister(greeter(subject, { id: 'a' })))
      assert.deepEqual(idsOf(await lookup(subject, there)), [idOf(subject, 'b')])
    },
  },
  {
    name: 'a service without nodes is not there',
    async prove(subject) {
      const [here, there] = [subject.open(), subject.open()]
      await done(here.register(greeter(subject)))
      await done(here.deregister(greeter(subject)))
      assert.deepEqual(await lookup(subject, there), [])
      assert.ok(!(await names(subject, there)).includes(subject.service))
    },
  },
  {
    name: 'deregistering what is not there is no error',
    async prove(subject) {
      await within(subject.patienceMs, 'deregister', done(subject.open().deregister(greeter(subject))))
    },
  },
  {
    name: 'nodes of one version are in one record, whichever handle registered them',
    async prove(subject) {
      const [here, there] = [subject.open(), subject.open()]
      await done(here.register(greeter(subject, { id: 'a' })))
      await done(there.register(greeter(subject, { id: 'b' })))
      const records = await lookup(subject, subject.open())
      assert.equal(records.length, 1)
      assert.deepEqual(idsOf(records), [idOf(subject, 'a'), idOf(subject, 'b')])
    },
  },
  {
    name: 'two versions are two records',
    async prove(subject) {
      const here = subject.open()
      await done(here.register(greeter(subject, { id: 'a', version: '1.0.0' })))
      await done(here.register(greeter(subject, { id: 'b', version: '2.0.0' })))
      const records = await lookup(subject, subject.open())
      const shown = records.map(({ version, nodes }) => [version, nodes.map(node => node.id)])
      assert.deepEqual(
        new Map(shown as [string, string[]][]),
        new Map([
          ['1.0.0', [idOf(subject, 'a')]],
          ['2.0.0', [idOf(subject, 'b')]],
        ]),
      )
    },
  },
  {
    name: 'what the caller does to a record after registering it changes nothing',
    async prove(subject) {
      const [here, there] = [subject.open(), subject.open()]
      const metadata: Record<string, string> = { label: 'as registered' }
      const record = greeter(subject)
      await done(here.register({ ...record, nodes: record.nodes.map(node => ({ ...node, metadata })) }))
      metadata['label'] = 'changed later'
      const [found] = await lookup(subject, there)
      assert.equal(found?.nodes[0]?.metadata['label'], 'as registered')
    },
  },
  {
    name: 'a look-up of an unknown name is one empty list',
    async prove(subject) {
      const answers: unknown[] = []
      const asking = subject.open().lookup(`${subject.service}-unknown`)
      const finished = new Promise<void>((complete, error) =>
        asking.subscribe({ next: answer => answers.push(answer), error, complete }),
      )
      await within(subject.patienceMs, 'look-up', finished)
      assert.deepEqual(answers, [[]])
    },
  },
  {
    name: 'the list has the name of each service once, sorted',
    async prove(subject) {
      const [here, there] = [subject.open(), subject.open()]
      for (const [suffix, id] of [
        ['-b', 'x'],
        ['-a', 'y'],
        ['-b', 'z'],
      ] as const) {
        await done(here.register({ ...greeter(subject, { id }), name: subject.service + suffix }))
      }
      const all = await names(subject, there)
      assert.deepEqual(
        all.filter(name => name.startsWith(`${subject.service}-`)),
        [`${subject.service}-a`, `${subject.service}-b`],
      )
      assert.deepEqual(all, [...all].sort())
    },
  },
  {
    name: 'many nodes registered at once are all there',
    async prove(subject) {
      const [here, there] = [subject.open(), subject.open()]
      const ids = Array.from({ length: 20 }, (_, at) => `n${String(at).padStart(2, '0')}`)
      await Promise.all(ids.map(id => done(here.register(greeter(subject, { id })))))
      assert.deepEqual(
        idsOf(await lookup(subject, there)),
        ids.map(id => idOf(subject, id)),
      )
    },
  },
  {
    name: 'another handle finds what was registered: nodes, endpoints, metadata and addresses',
    async prove(subject) {
      const [here, there] = [subject.open(), subject.open()]
      await done(here.register(detailed(subject)))
      assert.deepEqual(await lookup(subject, there), [detailed(subject)])
      const seen = follow(there.watch(subject.service))
      await sees(subject, seen, 'the node', () => has(seen.state, 'a'))
      assert.deepEqual(seen.events[0], { kind: 'reset', services: [detailed(subject)] })
    },
  },
]
