import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Message } from 'headrace/streams'
import { resetCode, type MuxLimits } from '../../src/wire/mux.js'
import { FrameTap } from '../support/frame-tap.js'
import { MuxEnd, type HeardStream } from '../support/mux-pair.js'

const limits: fc.Arbitrary<Partial<MuxLimits>> = fc.record({
  maxStreams: fc.integer({ min: 1, max: 12 }),
  streamMessages: fc.integer({ min: 1, max: 8 }),
  streamBytes: fc.integer({ min: 1, max: 4_000 }),
  connectionMessages: fc.integer({ min: 1, max: 16 }),
  connectionBytes: fc.integer({ min: 1, max: 8_000 }),
  maxCallBytes: fc.integer({ min: 1, max: 20_000 }),
  fragmentBytes: fc.integer({ min: 256, max: 2_000 }),
})

const side = fc.constantFrom(0 as const, 1 as const)
const size = fc.oneof(fc.nat(40), fc.nat(9_000))
const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('open'), side, call: fc.boolean(), size }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('send'), side, at: fc.nat(20), size }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('end'), side, at: fc.nat(20) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('reset'), side, at: fc.nat(20) }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('read'), side, at: fc.nat(20), count: fc.nat(5) }) },
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant('carry'), side, bytes: fc.integer({ min: 1, max: 5_000 }) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('block'), side, writable: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('tick'), side, ms: fc.nat(1_200) }) },
)
type Step = {
  kind: string
  side: 0 | 1
  call?: boolean
  at?: number
  size?: number
  count?: number
  bytes?: number
  ms?: number
  writable?: boolean
}

const message = (number: number, bytes: number): Message => ({
  headers: { 'X-Number': String(number) },
  body: new Uint8Array(bytes).fill(number),
})

/** Two ends with a tap between them, and what was sent on each stream at each side. */
class World {
  readonly ends: readonly [MuxEnd, MuxEnd]
  readonly tap = new FrameTap()
  private readonly sent = new Map<HeardStream, Message[]>()
  private readonly ended = new Set<HeardStream>()
  private readonly disturbed = new Set<number>()
  private now = 0

  constructor(one: Partial<MuxLimits>, other: Partial<MuxLimits>) {
    this.ends = [new MuxEnd(true, one, 'when told'), new MuxEnd(false, other, 'when told')]
  }

  run(step: Step): void {
    const end = this.ends[step.side]
    if (step.kind === 'open' && end.mux.room > 0) this.open(end, step)
    if (step.kind === 'carry') this.carry(step.side, step.bytes ?? 1)
    if (step.kind === 'block') end.mux.writable = step.writable ?? true
    if (step.kind === 'tick') this.ends.forEach(each => each.mux.tick((this.now += step.ms ?? 0)))
    const heard = step.at === undefined ? undefined : end.heard[step.at % Math.max(1, end.heard.length)]
    if (heard === undefined || heard.stream.over) return
    if (step.kind === 'send') this.send(end, heard, step.size ?? 0)
    if (step.kind === 'read') end.read(heard, step.count)
    if (step.kind === 'end' && !heard.stream.call) this.end(end, heard)
    if (step.kind === 'reset') this.reset(end, heard)
  }

  /** Carries bytes until nothing moves any more. */
  settle(): void {
    for (const { mux } of this.ends) mux.writable = true
    for (let quiet = 0; quiet < 3;)
      quiet = this.carry(0, 1 << 20) + this.carry(1, 1 << 20) === 0 ? quiet + 1 : 0
  }

  /** Ends and reads everything: whatever was done before, no stream may be left. */
  finish(): void {
    for (let round = 0; round < 500 && this.ends[0].mux.streams + this.ends[1].mux.streams > 0; round += 1) {
      for (const end of this.ends) {
        for (const heard of end.heard.filter(({ stream }) => !stream.over)) {
          end.read(heard)
          if (!heard.stream.call) this.end(end, heard)
          else if (heard.messages.length > 0) this.send(end, heard, 10)
        }
      }
      this.settle()
    }
    this.settle()
  }

  check(): void {
    for (const [index, end] of this.ends.entries()) {
      expect(end.failure).toBeUndefined()
      const { stats } = end.mux
      expect({ calls: stats.calls, channels: stats.channels, waiting: stats.queuedBytes }).toEqual({
        calls: 0,
        channels: 0,
        waiting: 0,
      })
      expect(stats.unanswered).toEqual({ messages: 0, bytes: 0 })
      for (const heard of end.heard) this.checkStream(heard, this.ends[1 - index] as MuxEnd)
    }
  }

  private checkStream(heard: HeardStream, other: MuxEnd): void {
    const { stream, broken, over } = heard
    const sent = this.sent.get(heard) ?? []
    const twin = stream.id === 0 ? undefined : other.heard.find(each => each.stream.id === stream.id)
    const received = twin?.messages ?? []
    // In order and each once: what came is the beginning of what was sent, and all of it where nobody has reset the stream.
    expect(received.map(({ body }) => [body[0], body.length])).toEqual(
      sent.slice(0, received.length).map(({ body }) => [body[0], body.length]),
    )
    expect(stream.over).toBe(true)
    if (this.disturbed.has(stream.id) || broken !== undefined || twin?.broken !== undefined) return
    if (stream.id !== 0) expect([over, received.length]).toEqual([true, sent.length])
  }

  private carry(from: 0 | 1, bytes: number): number {
    const chunk = this.ends[from].out(bytes)
    if (chunk.length === 0) return 0
    this.tap.carry(from, chunk)
    this.ends[1 - from]?.mux.receive(chunk)
    return chunk.length
  }

  private open(end: MuxEnd, { call = false, size = 0 }: Step): void {
    const heard = end.open(call)
    if (call) this.send(end, heard, size)
  }

  private send(end: MuxEnd, heard: HeardStream, bytes: number): void {
    const list = this.sent.get(heard) ?? []
    if (this.ended.has(heard) || (heard.stream.call && list.length > 0)) return
    list.push(message(list.length % 200, bytes))
    this.sent.set(heard, list)
    end.mux.send(heard.stream, list.at(-1) as Message, heard.stream.call)
  }

  private end(end: MuxEnd, heard: HeardStream): void {
    this.ended.add(heard)
    end.mux.end(heard.stream)
  }

  private reset(end: MuxEnd, heard: HeardStream): void {
    if (heard.stream.id === 0) this.sent.delete(heard) // nothing of it went out
    this.disturbed.add(heard.stream.id)
    end.mux.reset(heard.stream, resetCode.cancelled, 'enough')
  }
}

test('whatever is done with calls and streams: both ends keep to the specification, nothing is lost or mixed up, every stream ends', () => {
  const seen = { messages: 0, credits: 0 }
  fc.assert(
    fc.property(limits, limits, fc.array(step, { maxLength: 150, size: 'max' }), (one, other, steps) => {
      const world = new World(one, other)
      world.settle()
      for (const each of steps) world.run(each)
      world.settle()
      world.finish()
      world.check()
      seen.messages += world.tap.messages
      seen.credits += world.tap.credits
    }),
    { numRuns: 300 },
  )
  expect(seen.messages).toBeGreaterThan(1_000)
})

test('credit comes back in steps of half a window, not message by message', () => {
  const world = new World({}, { streamMessages: 100 })
  world.settle()
  const [client, server] = world.ends
  const { stream } = client.open()
  for (let n = 0; n < 10_000; n += 1) {
    client.mux.send(stream, message(n % 200, 20), false)
    if (n % 64 === 63) {
      world.settle()
      for (const heard of server.accepted) server.read(heard)
    }
  }
  world.settle()
  for (const heard of server.accepted) server.read(heard)
  world.settle()
  expect(server.accepted[0]?.messages.length).toBe(10_000)
  expect(world.tap.credits).toBeGreaterThanOrEqual(10_000 / 100)
  expect(world.tap.credits).toBeLessThanOrEqual(10_000 / 50)
})
