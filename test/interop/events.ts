import { expect } from 'vitest'
import { full, topic, type Value } from './echo.js'
import type { HeadraceNode } from './headrace-node.js'
import type { Heard, Peer } from './peer-process.js'
import type { EventKind, Role } from './cells.js'

/** Who publishes and who subscribes in a cell: everybody subscribes to both topics, whose messages are told apart by their text. */
export interface Events {
  readonly role: Role
  readonly peers: readonly Peer[]
  readonly nodes: readonly HeadraceNode[]
  readonly contentType: string
  /** A text that no other cell uses. */
  readonly mark: string
}

/** What each kind of event must do. */
export const eventsOf: Readonly<Record<EventKind, (events: Events) => Promise<void>>> = {
  /** Everybody gets each event once. */
  async event(events) {
    const sent = [1n, 2n, 3n].map(number => ({ ...full, text: events.mark, number }))
    await publish(events, 'events', sent)
    for (const subscriber of everybody(events)) {
      const got = () => marked(subscriber.heard, 'events', events.mark)
      await expect.poll(() => got().length, { timeout: 5_000 }).toBe(sent.length)
      expect(got().sort(byNumber)).toEqual(sent)
    }
  },

  /** Each event gets to one of the queue, and some get to each side. */
  async queue(events) {
    const sent: Value[] = []
    const got = (subscribers: readonly { readonly heard: readonly Heard[] }[]) =>
      subscribers.flatMap(({ heard }) => marked(heard, 'work', events.mark))
    while (got(events.peers).length === 0 || got(events.nodes).length === 0) {
      const next = { ...full, text: events.mark, number: BigInt(sent.length) }
      sent.push(next)
      if (sent.length > 40) throw new Error('40 events went to one side only')
      await publish(events, 'work', [next])
      await expect.poll(() => got(everybody(events)).length, { timeout: 5_000 }).toBe(sent.length)
    }
    expect(got(everybody(events)).sort(byNumber)).toEqual(sent)
  },
}

async function publish({ role, peers, nodes, contentType }: Events, name: string, sent: readonly Value[]) {
  if (role === 'client') {
    expect(
      await peers[0]?.tell({ do: 'publish', topic: name, contentType, requests: sent }),
    ).not.toHaveProperty('error')
    return
  }
  for (const event of sent) {
    const reports = (await nodes[0]?.service.publish(topic(name), event, { contentType })) ?? []
    expect(reports.map(({ error }) => error)).toEqual(reports.map(() => undefined))
  }
}

const everybody = ({ peers, nodes }: Events) => [...peers, ...nodes]

const byNumber = (a: Value, b: Value) => Number(a.number - b.number)

function marked(heard: readonly Heard[], name: string, mark: string): Value[] {
  return heard.filter(each => each.topic === name && each.value.text === mark).map(({ value }) => value)
}
