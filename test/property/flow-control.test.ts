import fc from 'fast-check'
import { Observable, Subject, delay, filter, map, retry, share, type Subscription } from 'rxjs'
import { describe, expect, test } from 'vitest'
import {
  backoff,
  bounded,
  createFlow,
  deadline,
  paced,
  work,
  type OverflowRule,
  type Source,
} from 'headrace/streams'
import { Deliverer } from '../support/deliverer.js'
import { VirtualClock } from '../support/virtual-clock.js'

const runs = { numRuns: 200 }
const numbers = (length: number) => Array.from({ length }, (_, at) => at)

/** Work that a property finishes in any order: each call opens a job. */
class Jobs {
  readonly started: number[] = []
  readonly open: { readonly value: number; readonly result: Subject<number> }[] = []
  cancelled = 0

  readonly fn = (value: number): Observable<number> =>
    new Observable(subscriber => {
      this.started.push(value)
      const job = { value, result: new Subject<number>() }
      this.open.push(job)
      const subscription = job.result.subscribe(subscriber)
      return () => {
        subscription.unsubscribe()
        const at = this.open.indexOf(job)
        if (at < 0) return
        this.open.splice(at, 1)
        this.cancelled += 1
      }
    })

  /** Finishes one of the open jobs. */
  finish(choice: number): void {
    const [job] = this.open.splice(choice % Math.max(1, this.open.length), 1)
    job?.result.next(job.value)
    job?.result.complete()
  }
}

describe('work', () => {
  const scenario = fc.record({
    length: fc.integer({ min: 0, max: 60 }),
    window: fc.integer({ min: 1, max: 10 }),
    concurrency: fc.integer({ min: 1, max: 4 }),
    pipe: fc.constantFrom('directly', 'behind map and filter'),
    choices: fc.array(fc.nat(3), { minLength: 1, maxLength: 40 }),
  })
  const flowOf = (source: Deliverer<number>, pipe: string) => {
    const flow = createFlow(source.deliveries)
    if (pipe === 'directly') return flow
    return flow.pipe(
      map(value => value * 2),
      filter(value => value % 3 !== 0),
      map(value => value / 2),
    )
  }

  test('never has more unanswered than the window, delivers once, and in order when one at a time', () => {
    const property = fc.property(scenario, ({ length, window, concurrency, pipe, choices }) => {
      const source = new Deliverer(numbers(length), window)
      const jobs = new Jobs()
      const results: number[] = []
      let completed = false
      flowOf(source, pipe)
        .pipe(work(jobs.fn, concurrency))
        .subscribe({ next: value => results.push(value), complete: () => (completed = true) })
      for (let step = 0; jobs.open.length > 0; step += 1) {
        expect(source.unanswered).toBeLessThanOrEqual(window)
        expect(jobs.open.length).toBeLessThanOrEqual(concurrency)
        // A delivery that is not answered is one that is worked on or waits for it.
        expect(source.given.length - source.acked.length).toBe(source.unanswered)
        jobs.finish(choices[step % choices.length] ?? 0)
      }
      const wanted = numbers(length).filter(value => pipe === 'directly' || (value * 2) % 3 !== 0)
      expect(jobs.started).toEqual(wanted)
      expect([...results].sort((a, b) => a - b)).toEqual(wanted)
      if (concurrency === 1) expect(results).toEqual(wanted)
      expect([...source.acked].sort((a, b) => a - b)).toEqual(numbers(length))
      expect(completed).toBe(true)
    })
    fc.assert(property, runs)
  })

  test('two holders behind share() both see everything once, and the slower one sets the pace', () => {
    const property = fc.property(scenario, ({ length, window, concurrency, choices }) => {
      const source = new Deliverer<number>([], window, true)
      const shared = createFlow(source.deliveries).pipe(share())
      const readers = [new Jobs(), new Jobs()]
      for (const jobs of readers) shared.pipe(work(jobs.fn, concurrency)).subscribe()
      source.push(...numbers(length))
      source.end()
      for (let step = 0; readers.some(jobs => jobs.open.length > 0); step += 1) {
        const choice = choices[step % choices.length] ?? 0
        const reader = readers[choice % 2]?.open.length === 0 ? (choice + 1) % 2 : choice % 2
        readers[reader]?.finish(choice)
        const finished = readers.map(jobs => jobs.started.length - jobs.open.length)
        expect(source.acked.length).toBeLessThanOrEqual(Math.min(...finished))
        expect(source.unanswered).toBeLessThanOrEqual(window)
      }
      for (const jobs of readers) expect(jobs.started).toEqual(numbers(length))
      expect(source.acked).toHaveLength(length)
    })
    fc.assert(property, runs)
  })

  test('unsubscribed at any step it leaves nothing behind and answers nothing more', () => {
    const property = fc.property(
      scenario,
      fc.nat(30),
      ({ length, window, concurrency, pipe, choices }, steps) => {
        const source = new Deliverer(numbers(length), window, true)
        const jobs = new Jobs()
        const second = new Jobs()
        const subscription = flowOf(source, pipe)
          .pipe(work(jobs.fn, concurrency), work(second.fn))
          .subscribe()
        for (let step = 0; step < steps; step += 1) {
          const choice = choices[step % choices.length] ?? 0
          if (choice % 2 === 0) jobs.finish(choice)
          else second.finish(choice)
        }
        const answered = source.acked.length
        subscription.unsubscribe()
        expect([source.subscribers, jobs.open.length, second.open.length]).toEqual([0, 0, 0])
        expect([source.acked.length, source.nacked.length]).toEqual([answered, 0])
        // What was running is exactly what the deliverer still has.
        expect(source.unanswered).toBe(source.given.length - answered)
      },
    )
    fc.assert(property, runs)
  })
})

describe('paced', () => {
  type Step =
    | { readonly kind: 'demand'; readonly count: number }
    | { readonly kind: 'push' }
    | { readonly kind: 'settle' }
  const step: fc.Arbitrary<Step> = fc.oneof(
    fc.record({ kind: fc.constant('demand' as const), count: fc.nat(3) }),
    fc.constant({ kind: 'push' as const }),
    fc.constant({ kind: 'settle' as const }),
  )
  const kinds = fc.constantFrom('iterable', 'async iterable', 'flow', 'observable')

  interface Asked {
    asked: number
    opened: number
    closed: number
  }

  /** A source of 0, 1, 2 …; the count of what was asked of it, and whether it was closed. */
  function sourceOf(kind: string, pushed: Subject<number>): { record: Asked; source: Source<number> } {
    const record = { asked: 0, opened: 0, closed: 0 }
    const steps = {
      next: () => ({ done: false as const, value: record.asked++ }),
      return: () => ({ done: true as const, value: ((record.closed += 1), undefined) }),
    }
    const open = () => ((record.opened += 1), steps)
    if (kind === 'iterable') return { record, source: { [Symbol.iterator]: open } }
    if (kind === 'async iterable') {
      const iterator = () => {
        open()
        return { next: async () => steps.next(), return: async () => steps.return() }
      }
      return { record, source: { [Symbol.asyncIterator]: iterator } }
    }
    return { record, source: kind === 'flow' ? pushed.pipe(bounded<number>(1000)) : pushed }
  }

  test('never emits beyond demand, in order, and unsubscribed at any step it closes its source', async () => {
    const property = fc.asyncProperty(kinds, fc.array(step, { maxLength: 40 }), async (kind, steps) => {
      const pushed = new Subject<number>()
      const { record, source } = sourceOf(kind, pushed)
      const demand = new Subject<number>()
      const emitted: number[] = []
      let allowed = 0
      let next = 0
      const subscription = paced(source, demand).subscribe(value => {
        emitted.push(value)
        expect(emitted.length).toBeLessThanOrEqual(allowed)
        // Demand that is granted while a value is being emitted counts as well.
        if (value % 5 === 4) {
          allowed += 1
          demand.next(1)
        }
      })
      for (const act of steps) {
        if (act.kind === 'push') pushed.next(next++)
        else if (act.kind === 'settle') await new Promise(resolve => setImmediate(resolve))
        else {
          allowed += act.count
          demand.next(act.count)
        }
        expect(emitted.length).toBeLessThanOrEqual(allowed)
        expect(record.asked).toBeLessThanOrEqual(allowed)
      }
      // A Flow is subscribed by its first pull, so what was pushed before that is not its.
      expect(emitted).toEqual(numbers(emitted.length).map(at => at + (emitted[0] ?? 0)))
      subscription.unsubscribe()
      const count = emitted.length
      await new Promise(resolve => setImmediate(resolve))
      expect([pushed.observed, demand.observed, emitted.length]).toEqual([false, false, count])
      expect(record.closed).toBe(record.opened)
    })
    await fc.assert(property, runs)
  })
})

describe('bounded', () => {
  const rule = fc.constantFrom<OverflowRule>('drop-oldest', 'drop-newest', 'fail')
  const acts = fc.array(fc.constantFrom('push', 'finish'), { maxLength: 60 })

  /** What a queue of `max` places with `window` handed out does, as plainly as it can be said. */
  function model(max: number, rule: OverflowRule, window: number, acts: readonly string[]) {
    const handed: number[] = []
    let waiting: number[] = []
    let next = 0
    let open = 0
    for (const act of acts) {
      if (act === 'finish') open = Math.max(0, open - 1)
      else if (open < window) waiting.push(next++)
      else if (waiting.length < max) waiting.push(next++)
      else if (rule === 'drop-oldest') waiting = [...waiting.slice(1), next++]
      else if (rule === 'drop-newest') next += 1
      else return { handed, failed: true }
      while (open < window && waiting.length > 0) {
        handed.push(waiting.shift() as number)
        open += 1
      }
    }
    return { handed, failed: false }
  }

  test('does what its model does', () => {
    const sizes = fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 3 }))
    const property = fc.property(sizes, rule, acts, ([max, window], overflow, steps) => {
      const source = new Subject<number>()
      const jobs = new Jobs()
      let failed = false
      source
        .pipe(bounded(max, overflow, window), work(jobs.fn, window))
        .subscribe({ error: () => (failed = true) })
      let next = 0
      for (const act of steps) {
        if (act === 'push') source.next(next++)
        else jobs.finish(0)
      }
      expect({ handed: jobs.started, failed }).toEqual(model(max, overflow, window, steps))
      expect(source.observed).toBe(!failed)
    })
    fc.assert(property, runs)
  })
})

test('operators with timers, unsubscribed at any time, leave no timer and no subscription', () => {
  const property = fc.property(
    fc.nat(400),
    fc.array(fc.nat(50), { minLength: 1, maxLength: 20 }),
    (stop, waits) => {
      const clock = new VirtualClock([0.5, 0.9, 0.1])
      let subscribers = 0
      let attempt = 0
      const failing = new Observable<number>(subscriber => {
        subscribers += 1
        const wait = waits[attempt++ % waits.length] ?? 0
        const timer = clock.schedule(() => subscriber.error(new Error('down')), wait)
        return () => {
          subscribers -= 1
          timer.unsubscribe()
        }
      })
      const subscription: Subscription = failing
        .pipe(
          retry({ delay: backoff({ baseMs: 10, maxMs: 60, clock }) }),
          deadline(300, clock),
          delay(5, clock),
        )
        .subscribe({ error: () => undefined })
      clock.advance(stop)
      subscription.unsubscribe()
      expect([subscribers, clock.pending]).toEqual([0, 0])
    },
  )
  fc.assert(property, runs)
})
