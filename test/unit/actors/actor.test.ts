import { EMPTY, NEVER, Observable, Subject, of, throwError, type Observer } from 'rxjs'
import { describe, expect, it } from 'vitest'
import { ServiceError } from 'headrace/streams'
import { child, spawn, type ActorEvent, type ActorOptions, type Behavior, type Step } from 'headrace/actors'
import { VirtualClock } from '../../support/virtual-clock.js'

/** A behavior whose messages are their own turns. */
type Turn = (state: string) => Step<string, Turn>
const scripted: Behavior<string, Turn> = {
  start: () => ({ state: '' }),
  receive: (state, turn) => turn(state),
}
const append =
  (text: string): Turn =>
  state => ({ state: state + text })

function setup(options: ActorOptions = {}, behavior = scripted) {
  const clock = new VirtualClock()
  const events: ActorEvent[] = []
  const actor = spawn(behavior, { name: 'test', clock, report: event => events.push(event), ...options })
  const states: string[] = []
  let ended: unknown
  actor.state.subscribe({
    next: state => states.push(state),
    error: (error: unknown) => (ended = error),
    complete: () => (ended = 'complete'),
  })
  return { clock, events, actor, states, ended: () => ended, kinds: () => events.map(({ kind }) => kind) }
}

/** An observable that counts its subscribers. */
function counted<T>(source: Observable<T>) {
  const counter = { live: 0, ever: 0 }
  const observable = new Observable<T>(subscriber => {
    counter.live += 1
    counter.ever += 1
    subscriber.add(() => void (counter.live -= 1))
    return source.subscribe(subscriber)
  })
  return { observable, counter }
}

describe('a turn', () => {
  it('commits, cancels, replies and runs, in this order', () => {
    const log: string[] = []
    const { actor } = setup()
    actor.state.subscribe(state => log.push(`state ${state}`))
    const old = new Observable<Turn>(() => () => log.push('cancelled'))
    actor.tell(() => ({ state: 'a', run: [{ key: 'old', messages: old }] }))
    const fresh = new Observable<Turn>(() => void log.push('run'))
    actor.tell(() => ({
      state: 'b',
      run: [{ messages: fresh }],
      reply: [() => log.push('reply')],
      cancel: ['old'],
    }))
    expect(log).toEqual(['state ', 'state a', 'state b', 'cancelled', 'reply', 'run'])
  })

  it('is never within another: what is sent meanwhile waits', () => {
    const { actor, states } = setup()
    actor.tell(state => {
      expect(actor.tell(append('2'))).toBe(true)
      return { state: `${state}1`, reply: [() => void actor.tell(append('3'))] }
    })
    expect(states).toEqual(['', '1', '12', '123'])
  })

  it('emits a state only when it has changed', () => {
    const { actor, states } = setup()
    actor.tell(state => ({ state }))
    expect(states).toEqual([''])
  })

  it('lets the event loop go on after 256 in a row', () => {
    const { actor, states, clock } = setup()
    const again: Turn = state => ({ state: `${state}x`, run: [{ messages: of(again) }] })
    actor.tell(again)
    expect(states.length).toBeLessThan(257)
    expect(clock.pending).toBe(1)
    const before = states.length
    expect(actor.tell(append('!'))).toBe(true)
    expect(states.length).toBe(before)
    actor.abort(new ServiceError('cancelled', 'enough'))
    expect(clock.pending).toBe(0)
  })

  it('takes what comes from inside before what comes from outside', () => {
    const { actor, states } = setup()
    actor.tell(state => {
      actor.tell(append('outside'))
      return { state, run: [{ messages: of(append('inside ')) }] }
    })
    expect(states.at(-1)).toBe('inside outside')
  })
})

describe('an effect', () => {
  it('replaces the one of its key, and what that had sent is void', () => {
    const { actor, states } = setup()
    const first = counted(of(append('lost')))
    actor.tell(state => ({
      state,
      run: [
        { key: 'k', messages: first.observable },
        { key: 'k', messages: of(append('kept')) },
      ],
    }))
    expect(states).toEqual(['', 'kept'])
    expect(first.counter).toEqual({ live: 0, ever: 1 })
  })

  it('without a key runs beside others', () => {
    const { actor, states } = setup()
    const [one, two] = [new Subject<Turn>(), new Subject<Turn>()]
    actor.tell(state => ({ state, run: [{ messages: one }, { messages: two }] }))
    two.next(append('2'))
    one.next(append('1'))
    expect(states.at(-1)).toBe('21')
  })

  it('that completes has all of its messages handled', () => {
    const { actor, states } = setup()
    actor.tell(state => ({ state, run: [{ key: 'k', messages: of(append('a'), append('b')) }] }))
    expect(states.at(-1)).toBe('ab')
  })
})

describe('a mailbox', () => {
  it('refuses what is beyond its bound, and says so', () => {
    const { actor, events, clock } = setup({ maxMailbox: 2 })
    actor.tell(() => {
      throw new Error('boom')
    })
    expect([actor.tell(append('1')), actor.tell(append('2')), actor.tell(append('3'))]).toEqual([
      true,
      true,
      false,
    ])
    expect(events.at(-1)).toMatchObject({ kind: 'dropped', reason: 'full' })
    let refusal: unknown
    actor.ask(() => append('ask')).subscribe({ error: (error: unknown) => (refusal = error) })
    expect(refusal).toMatchObject({ kind: 'resource_exhausted' })
    clock.advance(1_000)
  })
})

describe('an ask', () => {
  const keep: Observer<number>[] = []
  const asking =
    (answer: Observer<number>): Turn =>
    state => ({ state: `${state}?`, run: [], reply: [() => keep.push(answer)] })

  it('is cold, and emits what the actor answers', () => {
    const { actor, states } = setup()
    const ask = actor.ask<number>(answer => state => ({
      state: `${state}.`,
      reply: [() => answer.next(state.length), () => answer.complete()],
    }))
    const answers: number[] = []
    expect(states).toEqual([''])
    ask.subscribe(answer => answers.push(answer))
    ask.subscribe(answer => answers.push(answer))
    expect(answers).toEqual([0, 1])
  })

  it('that is given up is a message', () => {
    const { actor, states } = setup()
    actor
      .ask(asking, () => append('!'))
      .subscribe()
      .unsubscribe()
    expect(states.at(-1)).toBe('?!')
  })

  it('that was answered sends no message when it is unsubscribed', () => {
    const { actor, states } = setup()
    actor
      .ask<number>(
        answer => state => ({ state: `${state}?`, reply: [() => answer.complete()] }),
        () => append('!'),
      )
      .subscribe()
      .unsubscribe()
    expect(states.at(-1)).toBe('?')
  })

  it('that is given up while it waits in the mailbox is never handled', () => {
    const { actor, states } = setup()
    actor.tell(state => {
      actor
        .ask(asking, () => append('!'))
        .subscribe()
        .unsubscribe()
      return { state }
    })
    expect(states).toEqual([''])
  })

  it('fails when the actor fails, closes or is aborted', async () => {
    const outcomes: string[] = []
    const observer = { error: (error: ServiceError) => outcomes.push(`${error.kind}: ${error.message}`) }
    const failing = setup()
    failing.actor.ask(asking).subscribe(observer)
    failing.actor.tell(() => {
      throw new Error('boom')
    })
    failing.actor.abort(new ServiceError('cancelled', 'over'))
    const closing = setup()
    closing.actor.ask(asking).subscribe(observer)
    await closing.actor.close()
    const aborted = setup()
    aborted.actor.ask(asking).subscribe(observer)
    aborted.actor.abort(new ServiceError('cancelled', 'over'))
    aborted.actor.ask(asking).subscribe(observer)
    expect(outcomes).toEqual([
      'unavailable: test: failed: boom',
      'unavailable: test: was closed',
      'cancelled: over',
      'unavailable: test: has ended',
    ])
  })
})

describe('a failure', () => {
  const boom: Turn = () => {
    throw new Error('boom')
  }

  it('drops the message, keeps the mailbox, ends the effects and starts again', () => {
    const { actor, states, events, clock } = setup()
    const effect = counted(NEVER)
    actor.tell(state => ({ state: `${state}old`, run: [{ messages: effect.observable }] }))
    actor.tell(state => {
      actor.tell(boom)
      actor.tell(append('next'))
      return { state }
    })
    expect(effect.counter.live).toBe(0)
    expect(states).toEqual(['', 'old'])
    clock.advance(50)
    expect(states).toEqual(['', 'old', '', 'next'])
    expect(events).toMatchObject([
      { kind: 'failed', decision: 'restart', message: boom, error: { kind: 'internal', message: 'boom' } },
      { kind: 'restarted' },
    ])
  })

  it('voids what its askers had said to the old state', () => {
    const { actor, states, clock } = setup()
    const asked = actor
      .ask(
        () => append('?'),
        () => append('gave up'),
      )
      .subscribe()
    actor.tell(() => {
      asked.unsubscribe()
      throw new Error('boom')
    })
    clock.advance(50)
    expect(states).toEqual(['', '?', ''])
  })

  it('of an effect is a failure of the actor', () => {
    const { actor, kinds, clock } = setup()
    actor.tell(state => ({ state, run: [{ messages: throwError(() => new Error('lost')) }] }))
    clock.advance(50)
    expect(kinds()).toEqual(['failed', 'restarted'])
  })

  it('of a teardown or of onUnsubscribe is reported, and ends nothing else', () => {
    const { actor, kinds, clock } = setup()
    const teardown = new Observable<Turn>(() => () => {
      throw new Error('teardown')
    })
    const other = counted(NEVER)
    actor.tell(state => ({ state, run: [{ messages: teardown }, { messages: other.observable }] }))
    actor
      .ask(
        () => append('a'),
        () => {
          throw new Error('make')
        },
      )
      .subscribe()
      .unsubscribe()
    expect(kinds()).toEqual(['failed', 'failed'])
    expect(other.counter.live).toBe(0)
    clock.advance(50)
    expect(actor.tell(append('b'))).toBe(true)
  })

  it('waits at random up to 50 ms, doubled each time, and escalates after five restarts in 30 s', () => {
    const failures: ServiceError[] = []
    const { actor, kinds, clock, ended } = setup({ onFailure: error => failures.push(error) })
    const waits: number[] = []
    for (let turn = 0; turn < 6; turn += 1) {
      actor.tell(boom)
      const from = clock.now()
      const restarts = () => kinds().filter(kind => kind === 'restarted').length
      const before = restarts()
      while (clock.pending > 0 && restarts() === before) clock.advance(1)
      waits.push(clock.now() - from)
    }
    expect(waits).toEqual([25, 50, 100, 200, 400, 0])
    expect(kinds().slice(-2)).toEqual(['failed', 'stopped'])
    expect(failures).toMatchObject([{ message: 'boom' }])
    expect(ended()).toBe(failures[0])
    expect(actor.tell(append('late'))).toBe(false)
  })

  it('long ago does not count', () => {
    const { actor, kinds, clock } = setup()
    for (let turn = 0; turn < 20; turn += 1) {
      actor.tell(boom)
      clock.advance(7_000)
    }
    expect(kinds().at(-1)).toBe('restarted')
  })

  it('stops the actor when its supervision says so', () => {
    const { actor, kinds, ended } = setup({ supervision: { decide: () => 'stop' } })
    actor.tell(boom)
    expect(kinds()).toEqual(['failed', 'stopped'])
    expect(ended()).toMatchObject({ message: 'boom' })
  })

  it('of the start is judged like any other', () => {
    let starts = 0
    const behavior: Behavior<string, Turn> = {
      ...scripted,
      start: () => {
        starts += 1
        if (starts < 3) throw new Error('not yet')
        return { state: 'up' }
      },
    }
    const { states, clock } = setup({}, behavior)
    clock.advance(1_000)
    expect(states).toEqual(['up'])
  })
})

describe('the end', () => {
  it('comes after stop(state), and every close shares one promise', async () => {
    const stopped = new Subject<never>()
    const seen: string[] = []
    const behavior = { ...scripted, stop: (state: string) => (seen.push(state), stopped) }
    const { actor, ended, kinds } = setup({}, behavior)
    const effect = counted(NEVER)
    actor.tell(() => ({ state: 'last', run: [{ messages: effect.observable }] }))
    const closing = actor.close()
    expect(actor.close()).toBe(closing)
    expect(seen).toEqual(['last'])
    expect(effect.counter.live).toBe(0)
    expect(ended()).toBeUndefined()
    stopped.complete()
    await closing
    expect(ended()).toBe('complete')
    expect(kinds()).toEqual(['stopped'])
  })

  it('is at once with abort, also while stop runs', async () => {
    const behavior = { ...scripted, stop: () => NEVER }
    const { actor, ended } = setup({}, behavior)
    const closing = actor.close()
    const error = new ServiceError('cancelled', 'now')
    actor.abort(error)
    await closing
    expect(ended()).toBe(error)
  })

  it('within a turn starts nothing more', () => {
    const { actor, kinds } = setup()
    const effect = counted(NEVER)
    const end = () => actor.abort(new ServiceError('cancelled', 'now'))
    actor.tell(() => ({ state: 'last', reply: [end], run: [{ messages: effect.observable }] }))
    expect(effect.counter.ever).toBe(0)
    expect(kinds()).toEqual(['stopped'])
  })

  it('turns away what waits', async () => {
    const { actor, events, states } = setup()
    actor.tell(state => {
      void actor.close()
      return { state, reply: [() => expect(actor.tell(append('late'))).toBe(false)] }
    })
    await actor.close()
    expect(states).toEqual([''])
    expect(events).toMatchObject([{ kind: 'dropped', reason: 'ended' }, { kind: 'stopped' }])
  })

  it('cancels a restart that is due', async () => {
    const { actor, clock } = setup()
    actor.tell(() => {
      throw new Error('boom')
    })
    await actor.close()
    expect(clock.pending).toBe(0)
  })

  it('is reached although stop fails', async () => {
    const behavior = { ...scripted, stop: () => throwError(() => new Error('stuck')) }
    const { actor, events } = setup({}, behavior)
    await actor.close()
    expect(events).toMatchObject([{ kind: 'stopped', error: { message: 'stuck' } }])
  })
})

describe('a child', () => {
  const parent = (effect: () => Observable<Turn>): Behavior<string, Turn> => ({
    start: () => ({ state: '', run: [{ key: 'child', messages: effect() }] }),
    receive: (state, turn) => turn(state),
  })

  it('restarts alone; when it escalates, its parent restarts and so does it', () => {
    const clock = new VirtualClock()
    let children = 0
    const events: ActorEvent[] = []
    const sick: Behavior<string, string> = {
      start: () => ((children += 1), { state: '' }),
      receive: () => {
        throw new Error('sick')
      },
    }
    const options = { name: 'child', clock, report: (event: ActorEvent) => events.push(event) }
    let tell: (() => void) | undefined
    const effect = () =>
      child<string, string, Turn>(
        sick,
        actor => {
          tell = () => void actor.tell('')
          return append('born ')
        },
        { ...options, supervision: { maxRestarts: 1 } },
      )
    const actor = spawn(parent(effect), { ...options, name: 'parent' })
    const states: string[] = []
    actor.state.subscribe({ next: state => states.push(state), error: () => states.push('aborted') })
    tell?.()
    clock.advance(100)
    expect([children, states]).toEqual([2, ['born ']])
    tell?.()
    clock.advance(100)
    expect(children).toBe(3)
    expect(states).toEqual(['born ', '', 'born '])
    expect(events.filter(event => event.actor === 'parent').map(({ kind }) => kind)).toEqual([
      'failed',
      'restarted',
    ])
    actor.abort(new ServiceError('cancelled', 'over'))
    expect(events.filter(({ kind }) => kind === 'stopped').map(event => event.actor)).toEqual([
      'child',
      'child',
      'parent',
    ])
  })

  it('that is closed completes the effect', async () => {
    let closed: Promise<void> | undefined
    const effect = child({ start: () => ({ state: '' }), receive: state => ({ state }) }, actor => () => {
      closed = actor.close()
      return { state: 'closed it' }
    })
    const actor = spawn(parent(() => effect as Observable<Turn>))
    await closed
    expect(closed).toBeDefined()
    await actor.close()
  })
})

it('names a wrong option', () => {
  expect(() => spawn(scripted, { maxMailbox: 0 })).toThrow("actor: option 'maxMailbox' must be")
  expect(() => spawn(scripted, { supervision: { maxRestarts: -1 } })).toThrow('maxRestarts')
})

it('does nothing after the end', async () => {
  const { actor, kinds } = setup({}, { ...scripted, stop: () => EMPTY })
  await actor.close()
  actor.abort(new ServiceError('cancelled', 'late'))
  await actor.close()
  expect(kinds()).toEqual(['stopped'])
})
