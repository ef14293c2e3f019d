import { BehaviorSubject, Subject, firstValueFrom, filter as where, type Subscription } from 'rxjs'
import { afterEach, describe, expect, test } from 'vitest'
import {
  byLabel,
  byVersion,
  type Filter,
  type LiveFilter,
  type ServiceEvent,
  type ServiceNode,
} from 'headrace'
import { createMemoryNetwork } from '../../support/memory-network.js'

const network = createMemoryNetwork()
const watching: Subscription[] = []
afterEach(async () => {
  for (const subscription of watching.splice(0)) subscription.unsubscribe()
})

const versionsOf = (nodes: readonly ServiceNode[]) => nodes.map(({ version }) => version).join(' ')

/** Two nodes of a service, and what a watcher with this filter is shown of them. */
async function shown(name: string, filter: Filter | LiveFilter | undefined) {
  const nodes = ['1.0.0', '2.0.0'].map(version =>
    network.makeService(name, { version, metadata: { zone: version === '1.0.0' ? 'a' : 'b' } }),
  )
  for (const node of nodes) await node.start()
  const watcher = network.makeService(`${name}.watcher`)
  const events: ServiceEvent[] = []
  watcher.events.subscribe(event => events.push(event))
  const lists: string[] = []
  let ended = false
  const list = new Subject<string>()
  watching.push(
    watcher.discover(name, filter === undefined ? {} : { filter }).subscribe({
      next: found => {
        lists.push(versionsOf(found))
        list.next(versionsOf(found))
      },
      complete: () => (ended = true),
    }),
  )
  const until = (wanted: string) =>
    lists.at(-1) === wanted ? undefined : firstValueFrom(list.pipe(where(each => each === wanted)))
  return { lists, until, events, nodes, watcher, ended: () => ended }
}

describe('discover with a filter', () => {
  test('shows the nodes that pass', async () => {
    const { lists, until, nodes } = await shown('plain', byVersion('2.0.0'))
    await until('2.0.0')
    await nodes[0]?.close()
    await nodes[1]?.close()
    await until('')
    expect(lists).toEqual(['2.0.0', ''])
  })

  test('follows a live filter, and shows nothing twice', async () => {
    const live = new BehaviorSubject<Filter>(byLabel('zone', 'a'))
    const { lists, until } = await shown('live', live)
    await until('1.0.0')
    live.next(byVersion('1.0.0'))
    live.next(byLabel('zone', 'b'))
    expect(lists).toEqual(['1.0.0', '2.0.0'])
  })

  test('shows all nodes until a live filter has spoken, and keeps to its last word when it ends', async () => {
    const live = new Subject<Filter>()
    const { lists, until, nodes } = await shown('late', live)
    await until('1.0.0 2.0.0')
    live.next(byVersion('1.0.0'))
    live.complete()
    expect(lists.at(-1)).toBe('1.0.0')
    await nodes[0]?.close()
    await until('')
  })

  test('tells of a live filter that fails, and keeps to its last word', async () => {
    const live = new BehaviorSubject<Filter>(byVersion('1.0.0'))
    const { lists, until, events } = await shown('failing', live)
    await until('1.0.0')
    live.error(new Error('no rules today'))
    expect(lists).toEqual(['1.0.0'])
    expect(events.filter(({ level }) => level === 'warning')).toMatchObject([
      { source: 'discovery of failing', error: { detail: 'no rules today' } },
    ])
  })

  test('completes with the service, whatever the filter does', async () => {
    const live = new BehaviorSubject<Filter>(() => true)
    const { until, watcher, ended } = await shown('closing', live)
    await until('1.0.0 2.0.0')
    await watcher.close()
    expect(ended()).toBe(true)
    expect(live.observed).toBe(false)
  })
})
