import fc from 'fast-check'
import { Observable, type Observer, type Subscription } from 'rxjs'
import { expect, it } from 'vitest'
import { ServiceError } from 'headrace/streams'
import { spawn, type Actor, type ActorEvent, type Behavior, type Effect } from 'headrace/actors'
import { VirtualClock } from '../support/virtual-clock.js'

const maxRestarts = 5
const maxMailbox = 4
const senders = ['A', 'B', 'C']

type Message =
  | { readonly kind: 'note'; readonly sender: string; readonly number: number; readonly then: Reaction }
  | { readonly kind: 'ask'; readonly id: number; readonly answer: Observer<number> }
  | { readonly kind: 'gave up'; readonly id: number }
  | { readonly kind: 'answer' }
  | { readonly kind: 'from effect'; readonly effect: number; readonly number: number }

/** What the handling of a note does besides. */
type Reaction =
  | {
      readonly kind:
        'nothing' | 'throw' | 'throw in reply' | 'tell in reply' | 'tell in receive' | 'close in reply'
    }
  | {
      readonly kind: 'run'
      readonly key: string | undefined
      readonly values: number
      readonly ends: 'never' | 'complete' | 'error'
    }
  | { readonly kind: 'cancel'; readonly key: string }

interface State {
  readonly owed: readonly (Message & { kind: 'ask' })[]
}

/** An actor that records what happens to it, and what must be true of that at each step. */
class World {
  readonly clock = new VirtualClock([0, 0.3, 0.99])
  readonly events: ActorEvent[] = []
  readonly sent = new Map<string, number>()
  readonly accepted: string[] = []
  readonly handled: string[] = []
  readonly asks: {
    subscription?: Subscription
    outcome: 'waits' | 'answered' | 'failed' | 'left'
    handled: boolean
    told: boolean
  }[] = []
  readonly effects: { live: boolean; last: number; key: string | undefined; cancelled: boolean }[] = []
  readonly actor: Actor<State, Message>
  private inTurn = false
  /** What was wrong within a turn, where the actor would take an exception for a failure of its own. */
  private readonly violations: unknown[] = []
  private failures = 0

  constructor() {
    this.actor = spawn(this.behavior, {
      clock: this.clock,
      maxMailbox,
      maxTurns: 7,
      report: event => this.events.push(event),
      onFailure: () => void (this.failures += 1),
    })
  }

  private readonly behavior: Behavior<State, Message> = {
    start: () => ({ state: { owed: [] } }),
    receive: (state, message) => {
      this.must(() => expect(this.inTurn).toBe(false))
      this.inTurn = true
      try {
        return this.receive(state, message)
      } finally {
        this.inTurn = false
      }
    },
  }

  private receive(state: State, message: Message): ReturnType<Behavior<State, Message>['receive']> {
    switch (message.kind) {
      case 'note':
        this.handled.push(`${message.sender}${message.number}`)
        return this.react(state, message.then)
      case 'ask': {
        const ask = this.asks[message.id]
        this.must(() => expect([ask?.outcome, ask?.handled]).toEqual(['waits', false]))
        if (ask !== undefined) ask.handled = true
        return { state: { owed: [...state.owed, message] } }
      }
      case 'gave up': {
        const ask = this.asks[message.id]
        this.must(() => expect([ask?.outcome, ask?.handled, ask?.told]).toEqual(['left', true, false]))
        if (ask !== undefined) ask.told = true
        this.must(() => expect(state.owed.some(({ id }) => id === message.id)).toBe(true))
        return { state: { owed: state.owed.filter(({ id }) => id !== message.id) } }
      }
      case 'answer': {
        const [first, ...rest] = state.owed
        if (first === undefined) return { state }
        return {
          state: { owed: rest },
          reply: [() => first.answer.next(first.id), () => first.answer.complete()],
        }
      }
      case 'from effect': {
        const effect = this.effects[message.effect]
        this.must(() => expect([effect?.cancelled, effect?.last]).toEqual([false, message.number - 1]))
        if (effect !== undefined) effect.last = message.number
        return { state }
      }
    }
  }

  private react(state: State, then: Reaction): ReturnType<Behavior<State, Message>['receive']> {
    switch (then.kind) {
      case 'nothing':
        return { state: { ...state } }
      case 'throw':
        throw new Error('in receive')
      case 'throw in reply':
        return {
          state,
          reply: [
            () => {
              throw new Error('in reply')
            },
          ],
        }
      case 'tell in reply':
        return { state, reply: [() => this.tell('A', { kind: 'nothing' })] }
      case 'tell in receive':
        this.tell('B', { kind: 'nothing' })
        return { state }
      case 'close in reply':
        return { state, reply: [() => void this.actor.close()] }
      case 'cancel':
        return { state, cancel: [then.key] }
      case 'run':
        return { state, run: [this.effect(then)] }
    }
  }

  private effect({ key, values, ends }: Extract<Reaction, { kind: 'run' }>): Effect<Message> {
    const record = { live: false, last: 0, key, cancelled: false }
    const id = this.effects.push(record) - 1
    const messages = new Observable<Message>(subscriber => {
      const rivals = this.effects.filter(other => other.live && key !== undefined && other.key === key)
      this.must(() => expect(rivals).toEqual([]))
      record.live = true
      let done = false
      subscriber.add(() => {
        record.live = false
        if (!done) record.cancelled = true
      })
      for (let number = 1; number <= values; number += 1)
        subscriber.next({ kind: 'from effect', effect: id, number })
      done = ends !== 'never'
      if (ends === 'complete') subscriber.complete()
      if (ends === 'error') subscriber.error(new Error('in effect'))
    })
    return key === undefined ? { messages } : { key, messages }
  }

  tell(sender: string, then: Reaction): void {
    const number = (this.sent.get(sender) ?? 0) + 1
    this.sent.set(sender, number)
    // Before the call: it may be handled within.
    const name = `${sender}${number}`
    this.accepted.push(name)
    if (!this.actor.tell({ kind: 'note', sender, number, then }))
      this.accepted.splice(this.accepted.indexOf(name), 1)
  }

  ask(): void {
    const id = this.asks.length
    const record: World['asks'][number] = { outcome: 'waits', handled: false, told: false }
    this.asks.push(record)
    record.subscription = this.actor
      .ask<number>(
        answer => ({ kind: 'ask', id, answer }),
        () => ({ kind: 'gave up', id }),
      )
      .subscribe({
        next: answer => this.must(() => expect(answer).toBe(id)),
        error: (error: unknown) => {
          this.must(() => expect(error).toBeInstanceOf(ServiceError))
          this.must(() => expect(record.outcome).toBe('waits'))
          record.outcome = 'failed'
        },
        complete: () => (record.outcome = 'answered'),
      })
  }

  leave(which: number): void {
    const waiting = this.asks.filter(({ outcome }) => outcome === 'waits')
    const ask = waiting[which % Math.max(1, waiting.length)]
    if (ask === undefined) return
    ask.outcome = 'left'
    ask.subscription?.unsubscribe()
  }

  count(kind: ActorEvent['kind']): number {
    return this.events.filter(event => event.kind === kind).length
  }

  private must(check: () => void): void {
    try {
      check()
    } catch (violation) {
      this.violations.push(violation)
    }
  }

  checkTurns(): void {
    if (this.violations.length > 0) throw this.violations[0]
  }

  /** Every message was handled once, and those of one sender in their order; nothing was handled that was not accepted. */
  checkOrder(): void {
    expect(new Set(this.handled).size).toBe(this.handled.length)
    for (const sender of senders) {
      const numbers = this.handled.filter(name => name.startsWith(sender)).map(name => Number(name.slice(1)))
      expect(numbers).toEqual([...numbers].sort((a, b) => a - b))
    }
    for (const name of this.handled) expect(this.accepted).toContain(name)
  }

  checkRestarts(): void {
    const restarts = this.count('restarted')
    expect(restarts).toBeLessThanOrEqual(maxRestarts * (1 + Math.floor(this.clock.now() / 30_000)))
    expect(this.clock.pending).toBeLessThanOrEqual(1)
  }

  async end(gracefully: boolean): Promise<void> {
    const ended = this.count('stopped') > 0
    expect(this.failures).toBe(ended ? 1 : 0)
    if (gracefully) void this.actor.close()
    else this.actor.abort(new ServiceError('cancelled', 'over'))
    this.clock.advance(10_000)
    await this.actor.close()
    expect(this.effects.filter(({ live }) => live)).toEqual([])
    expect(this.asks.filter(({ outcome }) => outcome === 'waits')).toEqual([])
    expect(this.clock.pending).toBe(0)
    expect(this.count('stopped')).toBe(1)
    this.checkTurns()
    if (ended) return
    // What was accepted was handled, or it was dropped and said so.
    const dropped = this.events.filter(event => event.kind === 'dropped' && event.reason === 'ended').length
    const rejected = [...this.sent.values()].reduce((sum, sent) => sum + sent, 0) - this.accepted.length
    expect(this.handled.length).toBeGreaterThanOrEqual(this.accepted.length - dropped)
    expect(rejected).toBeGreaterThanOrEqual(0)
  }
}

const key = fc.constantFrom('x', 'y')
const reaction: fc.Arbitrary<Reaction> = fc.oneof(
  { weight: 6, arbitrary: fc.constant<Reaction>({ kind: 'nothing' }) },
  { weight: 2, arbitrary: fc.constantFrom<Reaction>({ kind: 'throw' }, { kind: 'throw in reply' }) },
  { weight: 3, arbitrary: fc.constantFrom<Reaction>({ kind: 'tell in reply' }, { kind: 'tell in receive' }) },
  { weight: 2, arbitrary: key.map<Reaction>(which => ({ kind: 'cancel', key: which })) },
  {
    weight: 6,
    arbitrary: fc
      .record({
        key: fc.option(key, { nil: undefined }),
        values: fc.nat(12),
        ends: fc.constantFrom('never', 'never', 'complete', 'error'),
      })
      .map((run): Reaction => ({ kind: 'run', ...run })),
  },
)
const step: fc.Arbitrary<(world: World) => void> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.tuple(fc.constantFrom(...senders), reaction).map(
      ([sender, then]) =>
        (w: World) =>
          w.tell(sender, then),
    ),
  },
  { weight: 4, arbitrary: fc.constant((w: World) => w.ask()) },
  { weight: 3, arbitrary: fc.nat(9).map(n => (w: World) => w.leave(n)) },
  { weight: 3, arbitrary: fc.constant((w: World) => void w.actor.tell({ kind: 'answer' })) },
  {
    weight: 4,
    arbitrary: fc.constantFrom(1, 10, 1_000, 40_000).map(ms => (w: World) => w.clock.advance(ms)),
  },
)

it('an actor handles each message once, in order, never two at a time, restarts no more than it may, and leaves nothing', async () => {
  const check = async (steps: readonly ((world: World) => void)[], gracefully: boolean) => {
    const world = new World()
    for (const next of steps) {
      next(world)
      world.checkTurns()
      world.checkOrder()
      world.checkRestarts()
    }
    await world.end(gracefully)
  }
  await fc.assert(fc.asyncProperty(fc.array(step, { maxLength: 60 }), fc.boolean(), check), { numRuns: 500 })
})
