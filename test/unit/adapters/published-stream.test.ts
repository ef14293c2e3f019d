import { Observable, Subject, type Subscriber } from 'rxjs'
import { describe, expect, it } from 'vitest'
import { ServiceError, type Source, type StreamReport } from 'headrace/streams'
import { PublishedStream, type Joined } from '../../../src/adapters/published-stream.js'
import type { Outlet, OutletEvents } from '../../../src/adapters/stream-track.js'
import { VirtualClock } from '../../support/virtual-clock.js'

/** An outlet whose subscriber does what the test says. */
class Probe implements Outlet<number> {
  readonly values: number[] = []
  room = 0
  acked = 0
  nacked = 0
  missed = 0
  error: ServiceError | undefined
  did: 'nothing' | 'ended' | 'abandoned' = 'nothing'

  constructor(readonly events: OutletEvents) {}

  get sent(): number {
    return this.values.length
  }

  send(value: number): void {
    this.room -= 1
    this.values.push(value)
  }

  end(): void {
    this.did = 'ended'
    if (this.acked === this.sent) this.events.left()
  }

  abandon(): void {
    this.did = 'abandoned'
  }

  give(room: number): void {
    this.room += room
    this.events.changed()
  }

  ack(messages: number): void {
    this.acked += messages
    this.give(messages)
    if (this.did === 'ended' && this.acked === this.sent) this.events.left()
  }
}

function streamOf(source: Source<number>, rooms: readonly number[], timeoutMs = 100) {
  const clock = new VirtualClock()
  const reports: StreamReport[] = []
  let end: string | undefined
  let made: PublishedStream<number> | undefined
  const joined: Joined<Probe>[] = []
  const join = (stream: PublishedStream<number>, name: string) => {
    const each = stream.join(name, events => new Probe(events))
    joined.push(each)
    return each.outlet
  }
  const running = new Observable((subscriber: Subscriber<StreamReport>) => {
    const stream = new PublishedStream({ source, sizeOf: () => 1, timeoutMs, clock }, subscriber)
    made = stream
    rooms.forEach((room, at) => (join(stream, `s${at}`).room = room))
    stream.start()
    return () => stream.stop()
  }).subscribe({
    next: report => reports.push(report),
    error: (error: ServiceError) => (end = error.kind),
    complete: () => (end = 'completed'),
  })
  if (made === undefined) throw new Error('it did not start')
  const stream = made
  return {
    clock,
    reports,
    stream,
    running,
    joined,
    probes: joined.map(({ outlet }) => outlet),
    join: (name: string) => join(stream, name),
    end: () => end,
  }
}

function counted() {
  const seen = { read: 0, closed: false }
  const source = (function* () {
    try {
      for (;;) yield seen.read++
    } finally {
      seen.closed = true
    }
  })()
  return { seen, source }
}

describe('a published stream', () => {
  it('is read as the slowest subscriber has room', () => {
    const { seen, source } = counted()
    const { probes, running } = streamOf(source, [3, 5])
    expect(seen.read).toBe(3)
    probes[0]?.give(1)
    probes[0]?.give(7)
    expect(probes.map(({ values }) => values)).toEqual([
      [0, 1, 2, 3, 4],
      [0, 1, 2, 3, 4],
    ])
    running.unsubscribe()
    expect([seen.closed, ...probes.map(({ did }) => did)]).toEqual([true, 'abandoned', 'abandoned'])
  })

  it('leaves a subscriber behind that has no room in time, until it has room again', () => {
    const { source } = counted()
    const { probes, clock, reports, joined, running } = streamOf(source, [2, 10])
    clock.advance(99)
    expect(probes[1]?.values).toHaveLength(2)
    clock.advance(1)
    expect(probes[1]?.values).toHaveLength(10)
    probes[1]?.give(1)
    probes[0]?.give(2)
    probes[1]?.give(5)
    expect(probes[0]?.values).toEqual([0, 1, 11, 12])
    joined[0]?.leave(new ServiceError('unavailable', 'gone'))
    probes[0]?.ack(4)
    expect(reports).toMatchObject([
      { subscriber: 's0', acked: 4, missed: 9, unanswered: 0, error: { kind: 'resource_exhausted' } },
    ])
    running.unsubscribe()
  })

  it('whose subscribers are all behind waits the time for each message', () => {
    const { seen, source } = counted()
    const { probes, clock, running } = streamOf(source, [1])
    clock.advance(100)
    expect([seen.read, probes[0]?.values]).toEqual([2, [0]])
    clock.advance(100)
    expect(seen.read).toBe(3)
    probes[0]?.give(2)
    expect(probes[0]?.values).toEqual([0, 3, 4])
    running.unsubscribe()
    expect(clock.pending).toBe(0)
  })

  it('waits behind its end for answers, and for a subscriber that answers nothing so long as its time', () => {
    const { probes, clock, reports, end } = streamOf([1, 2, 3], [5, 5])
    expect(probes.map(({ did }) => did)).toEqual(['ended', 'ended'])
    clock.advance(90)
    probes[0]?.ack(1)
    clock.advance(90)
    expect(reports).toMatchObject([{ subscriber: 's1', acked: 0, unanswered: 3, error: { kind: 'timeout' } }])
    probes[0]?.ack(2)
    expect(reports[1]).toEqual({ subscriber: 's0', acked: 3, nacked: 0, missed: 0, unanswered: 0 })
    expect([end(), clock.pending]).toEqual(['completed', 0])
  })

  it('reports on each subscriber once when the broker ends, and errors', () => {
    const { source } = counted()
    const { probes, stream, reports, end } = streamOf(source, [2, 3])
    probes[0]?.ack(1)
    stream.fail(new ServiceError('unavailable', 'closed'))
    stream.fail(new ServiceError('unavailable', 'closed again'))
    expect(reports.map(({ acked, unanswered, error }) => [acked, unanswered, error?.message])).toEqual([
      [1, 2, expect.stringContaining('closed')],
      [0, 3, expect.stringContaining('closed')],
    ])
    expect(end()).toBe('unavailable')
  })

  it('gives who comes later what follows, and nothing to who comes after the end', () => {
    const source = new Subject<number>()
    const { probes, join, reports, end } = streamOf(source, [9])
    source.next(1)
    const late = join('late')
    late.give(9)
    source.next(2)
    source.complete()
    expect([probes[0]?.values, late.values]).toEqual([[1, 2], [2]])
    expect(join('too late').did).toBe('abandoned')
    probes[0]?.ack(2)
    late.ack(1)
    expect([reports.map(({ subscriber }) => subscriber), end()]).toEqual([['s0', 'late'], 'completed'])
  })

  it('that pushes faster than its subscribers take fails, with reports', () => {
    const source = new Subject<number>()
    const { reports, end, probes } = streamOf(source, [1])
    for (let value = 0; value < 1_026; value += 1) source.next(value)
    expect([end(), probes[0]?.did]).toEqual([undefined, 'ended'])
    probes[0]?.ack(1)
    expect([end(), reports.map(({ acked }) => acked)]).toEqual(['resource_exhausted', [1]])
  })

  it('that nobody listens to is read in turns, so that an endless one stops nothing else', () => {
    const { seen, source } = counted()
    const { clock, running } = streamOf(source, [])
    const before = seen.read
    clock.advance(2)
    expect(seen.read).toBeGreaterThan(before)
    running.unsubscribe()
    expect([seen.closed, clock.pending]).toEqual([true, 0])
  })
})
