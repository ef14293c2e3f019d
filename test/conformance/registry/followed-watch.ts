import assert from 'node:assert/strict'
import type { Observable, Subscription } from 'rxjs'
import type { RegistryEvent, ServiceRecord } from 'headrace/streams'
import { idsOf } from './records.js'
import type { RegistrySubject } from './subject.js'

/** A running watch: its events, and what they fold to. */
export interface Followed {
  readonly events: readonly RegistryEvent[]
  readonly state: ReadonlyMap<string, ServiceRecord>
  readonly ended: string | undefined
  readonly subscription: Subscription
  /** How many events name the node. */
  mentions(id: string): number
}

/** Subscribes a watch and folds its events. */
export function follow(watch: Observable<RegistryEvent>): Followed {
  const events: RegistryEvent[] = []
  const state = new Map<string, ServiceRecord>()
  let ended: string | undefined
  const subscription = watch.subscribe({
    next: event => {
      events.push(event)
      fold(state, event)
    },
    error: (error: { kind?: string }) => (ended = error.kind ?? 'not a ServiceError'),
    complete: () => (ended = 'complete'),
  })
  const mentions = (id: string) =>
    events.filter(event => idsOf(event.kind === 'reset' ? event.services : [event.service]).includes(id))
      .length
  return {
    events,
    state,
    subscription,
    mentions,
    get ended() {
      return ended
    },
  }
}

function fold(state: Map<string, ServiceRecord>, event: RegistryEvent): void {
  const keyOf = ({ name, version }: ServiceRecord) => JSON.stringify([name, version])
  if (event.kind === 'reset') {
    state.clear()
    for (const service of event.services) state.set(keyOf(service), service)
    return
  }
  const { service } = event
  const named = new Set(service.nodes.map(node => node.id))
  const others = (state.get(keyOf(service))?.nodes ?? []).filter(node => !named.has(node.id))
  const nodes = event.kind === 'delete' ? (named.size === 0 ? [] : others) : [...others, ...service.nodes]
  if (nodes.length === 0) state.delete(keyOf(service))
  else state.set(keyOf(service), { ...service, nodes })
}

/** Waits until the events of a watch fit. */
export async function sees(
  subject: RegistrySubject,
  seen: Followed,
  what: string,
  fits: (events: readonly RegistryEvent[]) => boolean,
): Promise<void> {
  await until(subject, `the watch to see ${what}`, () => fits(seen.events))
}

/** Waits until something is so. */
export async function until(subject: RegistrySubject, what: string, fits: () => boolean): Promise<void> {
  const limit = Date.now() + subject.patienceMs
  while (!fits()) {
    assert.ok(Date.now() < limit, `waited ${subject.patienceMs} ms for ${what}`)
    await new Promise<void>(resolve => setTimeout(resolve, 1))
  }
}
