import assert from 'node:assert/strict'
import { BehaviorSubject, firstValueFrom } from 'rxjs'
import { byLabel, roundRobin, type Filter, type Strategy } from 'headrace/streams'
import { within, type Law } from '../law.js'
import { chosen, leave, node, serve, service, type SelectorSubject } from './subject.js'

const turns = roundRobin()

/** Who is chosen. */
export const choiceLaws: readonly Law<SelectorSubject>[] = [
  {
    name: 'only nodes that are registered are chosen: one that has left is not',
    async prove(subject) {
      await serve(subject, node('a'), node('b'))
      assert.deepEqual(new Set(chosen(subject, 20, { strategy: turns })), new Set(['a', 'b']))
      await leave(subject, 'a')
      assert.deepEqual(new Set(chosen(subject, 20, { strategy: turns })), new Set(['b']))
    },
  },
  {
    name: 'a node that has come is chosen',
    async prove(subject) {
      await serve(subject, node('a'))
      assert.deepEqual(chosen(subject, 1), ['a'])
      await serve(subject, node('b'))
      assert.ok(chosen(subject, 20, { strategy: turns }).includes('b'))
    },
  },
  {
    name: 'equal nodes take turns with round robin, across calls',
    async prove(subject) {
      await serve(subject, node('a'), node('b'), node('c'))
      const ids = chosen(subject, 31, { strategy: turns })
      for (const id of 'abc') {
        const times = ids.filter(each => each === id).length
        assert.ok(times === 10 || times === 11, `${id} was chosen ${times} times of 31`)
      }
    },
  },
  {
    name: 'the strategy of a call chooses, and gets its key',
    async prove(subject) {
      await serve(subject, node('a'), node('b'))
      const keys: (string | undefined)[] = []
      const strategy: Strategy = () => (nodes, context) => {
        keys.push(context.key)
        return nodes.find(each => each.node.id === context.key) ?? assert.fail('the key did not arrive')
      }
      for (const key of ['b', 'a', 'b']) {
        const picked = subject.selector.pick(service, { strategy, key })
        assert.equal(picked?.id, key)
      }
      assert.deepEqual(keys, ['b', 'a', 'b'])
    },
  },
  {
    name: 'nodes to avoid are avoided while others are left',
    async prove(subject) {
      await serve(subject, node('a'), node('b'), node('c'))
      assert.deepEqual(new Set(chosen(subject, 20, { avoid: ['a', 'c'] })), new Set(['b']))
    },
  },
  {
    name: 'when only nodes to avoid are left, one of them is chosen',
    async prove(subject) {
      await serve(subject, node('a'), node('b'))
      const picked = subject.selector.pick(service, { avoid: ['a', 'b', 'gone'] })
      assert.ok(picked !== undefined, 'nothing was chosen')
    },
  },
]

/** Who may be chosen. */
export const filterLaws: readonly Law<SelectorSubject>[] = [
  {
    name: 'only nodes that pass the filter are chosen',
    async prove(subject) {
      await serve(subject, node('a', 'east'), node('b', 'west'), node('c', 'west'))
      const filter = byLabel('zone', 'west')
      assert.deepEqual(new Set(chosen(subject, 20, { filter, strategy: turns })), new Set(['b', 'c']))
    },
  },
  {
    name: 'when no node passes the filter, nothing is picked and select errors not_found',
    async prove({ selector, ...subject }) {
      await serve({ selector, ...subject }, node('a', 'east'))
      const filter = byLabel('zone', 'north')
      assert.equal(selector.pick(service, { filter }), undefined)
      const asked = within(subject.patienceMs, 'select', firstValueFrom(selector.select(service, { filter })))
      await assert.rejects(asked, { kind: 'not_found', message: /greeter/ })
    },
  },
  {
    name: 'a live filter counts as it says at the moment',
    async prove(subject) {
      await serve(subject, node('a', 'east'), node('b', 'west'))
      const filter = new BehaviorSubject<Filter>(byLabel('zone', 'west'))
      assert.deepEqual(new Set(chosen(subject, 10, { filter })), new Set(['b']))
      filter.next(byLabel('zone', 'east'))
      assert.deepEqual(new Set(chosen(subject, 10, { filter })), new Set(['a']))
    },
  },
]

/** How the first choice waits. */
export const waitingLaws: readonly Law<SelectorSubject>[] = [
  {
    name: 'a pick of a service that is not known yet starts looking for it',
    async prove(subject) {
      const { selector, registry, elapse } = subject
      const record = { name: service, version: '1.0', metadata: {}, endpoints: [], nodes: [node('a')] }
      const registered = firstValueFrom(registry.register(record), { defaultValue: undefined })
      await within(subject.patienceMs, 'register', registered)
      for (let round = 0; round < 20 && selector.pick(service) === undefined; round += 1) await elapse(1)
      assert.equal(selector.pick(service)?.id, 'a')
    },
  },
  {
    name: 'select waits for the first snapshot',
    async prove({ selector, registry, patienceMs }) {
      const record = { name: service, version: '1.0', metadata: {}, endpoints: [], nodes: [node('a')] }
      const registered = firstValueFrom(registry.register(record), { defaultValue: undefined })
      await within(patienceMs, 'register', registered)
      const { id } = await within(patienceMs, 'select', firstValueFrom(selector.select(service)))
      assert.equal(id, 'a')
    },
  },
  {
    name: 'each subscription to select chooses anew',
    async prove(subject) {
      await serve(subject, node('a'), node('b'))
      const select = subject.selector.select(service, { strategy: turns })
      const ids = [await firstValueFrom(select), await firstValueFrom(select)].map(each => each.id)
      assert.deepEqual(ids.sort(), ['a', 'b'])
    },
  },
  {
    name: 'a service that nobody serves is not_found, and the message names it',
    async prove({ selector, patienceMs }) {
      const asked = within(patienceMs, 'select', firstValueFrom(selector.select('nobody')))
      await assert.rejects(asked, { kind: 'not_found', message: /nobody/ })
    },
  },
]
