import assert from 'node:assert/strict'
import { firstValueFrom } from 'rxjs'
import { ServiceError, roundRobin, type NodeLoad } from 'headrace/streams'
import { within, type Law } from '../law.js'
import {
  chosen,
  fail,
  node,
  pickOne,
  refused,
  serve,
  service,
  shows,
  type SelectorSubject,
} from './subject.js'

const turns = roundRobin()

/** What strategies see of how nodes are used. */
export const loadLaws: readonly Law<SelectorSubject>[] = [
  {
    name: 'what is picked is in flight until it is reported, however it ended',
    async prove(subject) {
      await serve(subject, node('a'))
      const { selector } = subject
      const inFlight: number[] = []
      const strategy = () => (nodes: readonly NodeLoad[]) => {
        const [load = assert.fail('the list is empty')] = nodes
        inFlight.push(load.inFlight)
        return load
      }
      const picked = [1, 2, 3, 4].map(() => selector.pick(service, { strategy }) ?? assert.fail('no node'))
      const [one = assert.fail(), two = assert.fail(), three = assert.fail(), four = assert.fail()] = picked
      selector.report(one, 5)
      selector.report(two, undefined, new ServiceError('timeout', 'no answer'))
      selector.report(three, undefined)
      const last = selector.pick(service, { strategy }) ?? assert.fail('no node')
      selector.report(four, 5)
      selector.report(last, 5)
      selector.pick(service, { strategy })
      assert.deepEqual(inFlight, [0, 1, 2, 3, 1, 0])
    },
  },
  {
    name: 'failures of a node are counted',
    async prove(subject) {
      await serve(subject, node('a'))
      for (const _ of [1, 2]) subject.selector.report(pickOne(subject, 'a'), undefined, refused)
      let failures: number | undefined
      subject.selector.pick(service, {
        strategy: () => nodes => {
          const [load = assert.fail('the list is empty')] = nodes
          failures = load.failures
          return load
        },
      })
      assert.equal(failures, 2)
    },
  },
  {
    name: 'a report for a node that is not known is ignored',
    async prove(subject) {
      await serve(subject, node('a'))
      const stranger = { ...node('z'), service, version: '1.0', endpoints: [] }
      subject.selector.report(stranger, 5)
      subject.selector.report({ ...stranger, service: 'unknown' }, undefined, refused)
      assert.deepEqual(chosen(subject, 2), ['a', 'a'])
    },
  },
]

/** What failures change. */
export const ejectionLaws: readonly Law<SelectorSubject>[] = [
  {
    name: 'a node that fails is left out while others are left',
    needs: 'ejection',
    async prove(subject) {
      await serve(subject, node('a'), node('b'))
      fail(subject, 'a')
      assert.deepEqual(new Set(chosen(subject, 20, { strategy: turns })), new Set(['b']))
    },
  },
  {
    name: 'a node that was left out comes back after a while',
    needs: 'ejection',
    async prove(subject) {
      await serve(subject, node('a'), node('b'))
      fail(subject, 'a')
      await subject.elapse(subject.outMs)
      assert.ok(chosen(subject, 4, { strategy: turns }).includes('a'))
    },
  },
  {
    name: 'a success brings a node back at once',
    needs: 'ejection',
    async prove(subject) {
      await serve(subject, node('a'), node('b'))
      const early = pickOne(subject, 'a')
      fail(subject, 'a')
      subject.selector.report(early, 5)
      assert.ok(chosen(subject, 4, { strategy: turns }).includes('a'))
    },
  },
  {
    name: 'reset brings all nodes back at once',
    needs: 'ejection',
    async prove(subject) {
      await serve(subject, node('a'), node('b'))
      fail(subject, 'a')
      subject.selector.reset(service)
      assert.ok(chosen(subject, 4, { strategy: turns }).includes('a'))
    },
  },
  {
    name: 'failures never leave nothing to choose',
    async prove(subject) {
      await serve(subject, node('a'), node('b'))
      for (const id of ['a', 'b', 'a', 'b']) fail(subject, id)
      assert.ok(subject.selector.pick(service) !== undefined, 'nothing was chosen')
      await shows(subject, ids => ids.length > 0)
    },
  },
]

/** What becomes of the registry's outages. */
export const outageLaws: readonly Law<SelectorSubject>[] = [
  {
    name: 'without the registry from the start, select errors unavailable',
    needs: 'backendLoss',
    async prove({ selector, patienceMs, lose }) {
      await lose?.()
      const asked = within(patienceMs, 'select', firstValueFrom(selector.select(service)))
      await assert.rejects(asked, { kind: 'unavailable', message: /greeter/ })
    },
  },
  {
    name: 'when the registry is lost later, the nodes that were known are chosen',
    needs: 'backendLoss',
    async prove(subject) {
      await serve(subject, node('a'))
      await subject.lose?.()
      await subject.elapse(1_000)
      assert.deepEqual(chosen(subject, 2), ['a', 'a'])
    },
  },
]
