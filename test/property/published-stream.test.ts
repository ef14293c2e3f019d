import fc from 'fast-check'
import { Observable, Subject, type Subscriber } from 'rxjs'
import { expect, test } from 'vitest'
import { ServiceError, type Source, type StreamReport } from 'headrace/streams'
import { PublishedStream, type Joined } from '../../src/adapters/published-stream.js'
import type { Outlet, OutletEvents } from '../../src/adapters/stream-track.js'
import { VirtualClock } from '../support/virtual-clock.js'

const timeoutMs = 100
const maxUnasked = 1_024
const mostAtOnce = 64

/** A subscriber that gives room, answers, loses its room and leaves when the property says so. */
class Member implements Outlet<number> {
  readonly got: number[] = []
  room = 0
  acked = 0
  nacked = 0
  missed = 0
  error: ServiceError | undefined
  ending = false
  abandoned = false
  /** How many messages had been read when it joined, and when it got nothing further. */
  joinedAt = 0
  leftAt: number | undefined

  constructor(
    readonly name: string,
    private readonly events: OutletEvents,
  ) {}

  get sent(): number {
    return this.got.length
  }

  get unanswered(): number {
    return this.sent - this.acked - this.nacked
  }

  send(value: number): void {
    // Never beyond its room, nor behind its end.
    expect(this.room).toBeGreaterThan(0)
    expect(this.ending || this.abandoned).toBe(false)
    this.room -= 1
    this.got.push(value)
  }

  end(): void {
    this.ending = true
    this.leaveWhenDone()
  }

  abandon(): void {
    this.abandoned = true
  }

  give(room: number): void {
    this.room += room
    this.changed()
  }

  /** As when a member of a queue is lost: less than was promised. */
  takeBack(): void {
    this.room = 0
  }

  answer(messages: number, failed: boolean): void {
    const answered = Math.min(messages, this.unanswered)
    if (failed) this.nacked += answered
    else this.acked += answered
    if (failed && answered > 0) this.error ??= new ServiceError('internal', 'no')
    this.changed()
    this.leaveWhenDone()
  }

  private changed(): void {
    if (!this.abandoned) this.events.changed()
  }

  private leaveWhenDone(): void {
    if (this.ending && this.unanswered === 0 && !this.abandoned) this.events.left()
  }
}

type MemberStep =
  | { readonly do: 'give' | 'takeBack' | 'ack' | 'nack'; readonly who: number; readonly count: number }
  | { readonly do: 'leave'; readonly who: number }

type Step =
  MemberStep | { readonly do: 'advance'; readonly ms: number } | { readonly do: 'join' | 'push' | 'end' }

const who = fc.nat(7)
const count = fc.oneof(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 80 }))
const toMember = (name: 'give' | 'takeBack' | 'ack' | 'nack') =>
  fc.record({ do: fc.constant(name), who, count })
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 12, arbitrary: toMember('give') },
  { weight: 8, arbitrary: toMember('takeBack') },
  { weight: 12, arbitrary: toMember('ack') },
  { weight: 4, arbitrary: toMember('nack') },
  { weight: 20, arbitrary: fc.constant({ do: 'push' as const }) },
  { weight: 3, arbitrary: fc.constant({ do: 'join' as const }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('leave' as const), who }) },
  {
    weight: 8,
    arbitrary: fc.record({ do: fc.constant('advance' as const), ms: fc.integer({ min: 1, max: 150 }) }),
  },
  { weight: 1, arbitrary: fc.constant({ do: 'end' as const }) },
)

/** A source of 0, 1, 2 …, and how many of them were read. */
function sourceOf(kind: 'pulled' | 'pushed') {
  const read = { count: 0, ended: false }
  const pushed = new Subject<number>()
  let next = 0
  const source: Source<number> =
    kind === 'pushed'
      ? pushed
      : {
          [Symbol.iterator]: () => ({
            next: () =>
              read.ended ? { done: true, value: undefined } : { done: false, value: read.count++ },
          }),
        }
  const push = () => {
    if (kind === 'pushed' && !read.ended) pushed.next(next++)
  }
  const end = () => {
    read.ended = true
    pushed.complete()
  }
  return { source, read, push, end, pushed: () => next }
}

class Run {
  readonly clock = new VirtualClock()
  readonly reports: StreamReport[] = []
  readonly members: Member[] = []
  /** Every message that went round, in order. */
  readonly published: number[] = []
  outcome: string | undefined
  readonly from
  private readonly joined: Joined<Member>[] = []
  private stream: PublishedStream<number> | undefined
  private readonly running

  constructor(kind: 'pulled' | 'pushed', members: number) {
    this.from = sourceOf(kind)
    const check = (value: number) => void this.published.push(value)
    this.running = new Observable((subscriber: Subscriber<StreamReport>) => {
      const { clock } = this
      const { source } = this.from
      const stream = new PublishedStream({ source, sizeOf: () => 1, check, timeoutMs, clock }, subscriber)
      this.stream = stream
      for (let n = 0; n < members; n += 1) this.join()
      stream.start()
      return () => stream.stop()
    }).subscribe({
      next: report => this.reports.push(report),
      error: (error: ServiceError) => (this.outcome = error.kind),
      complete: () => (this.outcome = 'completed'),
    })
  }

  join(): void {
    if (this.outcome !== undefined || this.members.length >= 8) return
    const name = `s${this.members.length}`
    const joined = this.stream?.join(name, events => new Member(name, events))
    if (joined === undefined) return
    joined.outlet.joinedAt = this.published.length
    if (joined.outlet.abandoned) return // behind the end nobody joins
    this.members.push(joined.outlet)
    this.joined.push(joined)
  }

  do(next: Step): void {
    const at = 'who' in next ? next.who % Math.max(1, this.members.length) : 0
    const member = this.members[at]
    if (next.do === 'advance') this.clock.advance(next.ms)
    else if (next.do === 'join') this.join()
    else if (next.do === 'push') this.from.push()
    else if (next.do === 'end') this.from.end()
    else if (member !== undefined && 'who' in next) this.doTo(member, at, next)
  }

  private doTo(member: Member, at: number, next: MemberStep): void {
    if (next.do === 'leave') {
      member.leftAt ??= this.published.length
      this.joined[at]?.leave(new ServiceError('unavailable', 'gone'))
    } else if (next.do === 'give') member.give(next.count)
    else if (next.do === 'takeBack') member.takeBack()
    else member.answer(next.count, next.do === 'nack')
  }

  /** Answers and gives whatever is wanted until it has ended. */
  finish(): void {
    this.from.end()
    for (let round = 0; round < 100 && this.outcome === undefined; round += 1) {
      for (const member of this.members) {
        member.give(1_000)
        member.answer(1_000, false)
      }
      this.clock.advance(timeoutMs)
    }
  }

  unsubscribe(): void {
    this.running.unsubscribe()
  }
}

function checkAlways({ members, published, from }: Run): void {
  // Nothing waits without bound: what was read went round at once.
  expect(from.read.count - published.length).toBeLessThanOrEqual(mostAtOnce)
  expect(from.pushed() - published.length).toBeLessThanOrEqual(maxUnasked)
  for (const { got, joinedAt } of members) {
    // In order, each once, and only what was published while it was there.
    for (let n = 1; n < got.length; n += 1) expect(got[n]).toBeGreaterThan(got[n - 1] ?? -1)
    if (got.length > 0) expect(got[0]).toBeGreaterThanOrEqual(published[joinedAt] ?? 0)
  }
}

const scenario = fc.record({
  kind: fc.constantFrom('pulled' as const, 'pushed' as const),
  members: fc.integer({ min: 0, max: 3 }),
  steps: fc.array(step, { maxLength: 60 }),
})

test('every subscriber gets what it has room for, in order and once, and its report adds up to what was published', () => {
  const property = fc.property(scenario, ({ kind, members, steps }) => {
    const run = new Run(kind, members)
    for (const next of steps) {
      run.do(next)
      checkAlways(run)
    }
    run.finish()
    checkAlways(run)
    expect(run.outcome).toBe('completed')
    expect(run.reports.map(({ subscriber }) => subscriber).sort()).toEqual(
      run.members.map(({ name }) => name).sort(),
    )
    for (const report of run.reports) {
      const member = run.members.find(({ name }) => name === report.subscriber)
      const { joinedAt, leftAt = run.published.length, got = [] } = member ?? { joinedAt: 0 }
      expect(report.acked + report.nacked + report.unanswered).toBe(got.length)
      expect(got.length + report.missed).toBe(leftAt - joinedAt)
      if (report.missed + report.nacked + report.unanswered > 0) expect(report.error).toBeDefined()
    }
    expect(run.clock.pending).toBe(0)
  })
  fc.assert(property, { numRuns: 300 })
})

test('given up at any step it closes everything and reports nothing more', () => {
  const property = fc.property(scenario, ({ kind, members, steps }) => {
    const run = new Run(kind, members)
    for (const next of steps) run.do(next)
    const { outcome } = run
    const told = run.reports.length
    run.unsubscribe()
    run.finish()
    expect([run.reports.length, run.outcome, run.clock.pending]).toEqual([told, outcome, 0])
    if (outcome === undefined) expect(run.members.filter(({ abandoned }) => !abandoned)).toEqual([])
  })
  fc.assert(property, { numRuns: 150 })
})
