import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { NodeRecord, ServiceRecord } from 'headrace/streams'
import {
  groupSubscribers,
  recordsOf,
  subscriptionIds,
} from '../../../../src/adapters/broker/http/subscribers.js'

const topic = 'events'
const broadcast = 'ff.http.broadcast'
const address = '127.0.0.1:1'

/** A subscription of headrace, with its two records. */
const ours = (unique: string, queue?: string, of = topic) =>
  recordsOf({
    topic: of,
    queue,
    address,
    metadata: { secure: 'false' },
    ids: subscriptionIds('broker', of, unique),
  })

const go = (name: string, id: string, version: string, metadata: NodeRecord['metadata']): ServiceRecord => ({
  name,
  version,
  metadata: {},
  endpoints: [],
  nodes: [{ id, address, metadata }],
})
const go2017 = (id: string, version = broadcast) => go('topic:events', id, version, {})
const go118 = (id: string, version = broadcast, of = topic) =>
  go('go.micro.http.broker', id, version, { topic: of, broker: 'http' })

const idsOf = (own: readonly ServiceRecord[], shared: readonly ServiceRecord[]) =>
  Object.fromEntries(
    [...groupSubscribers(topic, own, shared)].map(([key, nodes]) => [key, nodes.map(({ id }) => id)]),
  )

describe('the subscribers of a topic', () => {
  it('are those of both generations, a queue together', () =>
    expect(
      idsOf([go2017('a'), go2017('b', 'work')], [go118('c'), go118('d', 'work'), go118('e', 'more')]),
    ).toEqual({ a: ['a'], c: ['c'], 'queue work': ['b', 'd'], 'queue more': ['e'] }))

  it('are not those of other topics, nor of other brokers', () => {
    const other = go('go.micro.http.broker', 'x', broadcast, { topic, broker: 'other' })
    expect(idsOf([], [go118('a', broadcast, 'others'), other])).toEqual({})
  })

  it('have one name, whichever of their records is there', () => {
    const { own, twin } = ours('1')
    const expected = { 'broker.1': ['broker.1'] }
    expect([idsOf([own], []), idsOf([], [twin]), idsOf([own], [twin])]).toEqual([
      expected,
      expected,
      expected,
    ])
  })

  it('are there once each, whatever a registry has', () => {
    const some = fc.uniqueArray(
      fc.record({
        id: fc.uuid(),
        kind: fc.constantFrom(
          '2017',
          '1.18',
          'ours',
          'ours, only 2017',
          'ours, only 1.18',
          'of another topic',
        ),
        queue: fc.constantFrom(undefined, 'work', 'more'),
      }),
      { selector: ({ id }) => id },
    )
    const property = fc.property(some, subscriptions => {
      const own: ServiceRecord[] = []
      const shared: ServiceRecord[] = []
      const expected: string[] = []
      for (const { id, kind, queue } of subscriptions) {
        const both = ours(id, queue, kind === 'of another topic' ? 'others' : topic)
        if (kind === '2017') own.push(go2017(id, queue))
        else if (kind === '1.18') shared.push(go118(id, queue))
        else if (kind === 'of another topic') shared.push(both.twin)
        if (kind === 'ours' || kind === 'ours, only 2017') own.push(both.own)
        if (kind === 'ours' || kind === 'ours, only 1.18') shared.push(both.twin)
        const name = kind.startsWith('ours') ? `broker.${id}` : id
        if (kind !== 'of another topic')
          expected.push(`${queue === undefined ? name : `queue ${queue}`} ${name}`)
      }
      const got = [...groupSubscribers(topic, own, shared)].flatMap(([key, nodes]) =>
        nodes.map(({ id }) => `${key} ${id}`),
      )
      expect(got.sort()).toEqual(expected.sort())
    })
    fc.assert(property)
  })
})

describe('the ids of a subscription', () => {
  it.each(['events', 'a.b..c', 'ü'.repeat(80), ' '])(
    'of %j have one label of a DNS name for version 1',
    of => {
      const { own, twin } = subscriptionIds('broker-x', of, '0'.repeat(36))
      expect(own).toBe(`broker-x.${'0'.repeat(36)}`)
      expect(twin).toMatch(/^[\w-]{37,63}$/)
    },
  )
})
