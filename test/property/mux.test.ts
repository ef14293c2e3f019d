import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Message } from 'headrace/streams'
import { MuxEnd, settle, type HeardStream } from '../support/mux-pair.js'
import type { MuxLimits } from '../../src/wire/mux.js'

const limits: fc.Arbitrary<Partial<MuxLimits>> = fc.record({
  streamMessages: fc.integer({ min: 1, max: 8 }),
  streamBytes: fc.integer({ min: 1, max: 4000 }),
  connectionMessages: fc.integer({ min: 1, max: 16 }),
  connectionBytes: fc.integer({ min: 1, max: 8000 }),
  fragmentBytes: fc.integer({ min: 256, max: 2000 }),
})

const step = fc.oneof(
  fc.record({ kind: fc.constant('open' as const), side: fc.nat(1) }),
  fc.record({
    kind: fc.constant('send' as const),
    side: fc.nat(1),
    at: fc.nat(20),
    size: fc.oneof(fc.nat(40), fc.nat(9000)),
  }),
  fc.record({ kind: fc.constant('end' as const), side: fc.nat(1), at: fc.nat(20) }),
  fc.record({ kind: fc.constant('read' as const), side: fc.nat(1), at: fc.nat(20), count: fc.nat(5) }),
  fc.record({
    kind: fc.constant('carry' as const),
    side: fc.nat(1),
    bytes: fc.integer({ min: 1, max: 5000 }),
  }),
)

const cuts = fc.array(fc.integer({ min: 1, max: 3000 }), { minLength: 1, maxLength: 20, size: 'max' })

function pieces(sizes: readonly number[]): () => number {
  let at = 0
  return () => sizes[at++ % sizes.length] ?? 1
}

const numbered = (number: number, size: number): Message => ({
  headers: { 'X-Number': String(number), Timeout: String(size) },
  body: new Uint8Array(size).fill(number),
})

/** The same stream at the other side. */
function twin(heard: HeardStream, other: MuxEnd): HeardStream | undefined {
  return other.heard.find(({ stream }) => stream.id === heard.stream.id && stream.id !== 0)
}

test('any interleaving over any chunking: each message arrives once and in order, within credit, and every stream ends', () => {
  fc.assert(
    fc.property(
      limits,
      limits,
      fc.array(step, { maxLength: 120, size: 'max' }),
      cuts,
      (one, other, steps, sizes) => {
        const ends = [new MuxEnd(true, one, 'when told'), new MuxEnd(false, other, 'when told')] as const
        settle(ends[0], ends[1], pieces(sizes))
        const sent = new Map<HeardStream, Message[]>()
        const ended = new Set<HeardStream>()
        const pick = (side: number, at: number) => {
          const { heard } = ends[side] as MuxEnd
          return heard.length === 0 ? undefined : heard[at % heard.length]
        }
        const unreadWithin = () => {
          for (const [index, end] of ends.entries()) {
            const { streamMessages = 1, connectionMessages = 1 } = [one, other][index] ?? {}
            for (const { unread } of end.heard) expect(unread.length).toBeLessThanOrEqual(streamMessages)
            const all = end.heard.reduce((sum, { unread, over }) => sum + (over ? 0 : unread.length), 0)
            expect(all).toBeLessThanOrEqual(connectionMessages)
          }
        }
        for (const each of steps) {
          const end = ends[each.side] as MuxEnd
          if (each.kind === 'open') end.open()
          if (each.kind === 'carry') {
            const bytes = end.out(each.bytes)
            if (bytes.length > 0) (ends[1 - each.side] as MuxEnd).mux.receive(bytes)
          }
          const heard = 'at' in each ? pick(each.side, each.at) : undefined
          if (heard === undefined || heard.over) continue
          if (each.kind === 'send' && !ended.has(heard)) {
            const list = sent.get(heard) ?? []
            const message = numbered(list.length % 200, each.size)
            sent.set(heard, [...list, message])
            end.mux.send(heard.stream, message, false)
          }
          if (each.kind === 'end') {
            ended.add(heard)
            end.mux.end(heard.stream)
          }
          if (each.kind === 'read') end.read(heard, each.count)
          unreadWithin()
        }
        // Everything is ended and read from now on: nothing may be left.
        for (let round = 0; round < 400; round += 1) {
          settle(ends[0], ends[1], pieces(sizes))
          unreadWithin()
          for (const end of ends) {
            for (const heard of end.heard) {
              end.read(heard)
              end.mux.end(heard.stream)
            }
          }
          if (ends[0].mux.streams + ends[1].mux.streams === 0) break
        }
        settle(ends[0], ends[1])
        for (const [index, end] of ends.entries()) {
          expect(end.failure).toBeUndefined()
          expect(end.mux.streams).toBe(0)
          for (const heard of end.heard) {
            expect(heard.over).toBe(true)
            const received = twin(heard, ends[1 - index] as MuxEnd)?.messages ?? []
            const expected = sent.get(heard) ?? []
            expect(received.length).toBe(expected.length)
            expect(received.every(({ body }, n) => Buffer.from(body).equals(expected[n]?.body ?? body))).toBe(
              true,
            )
            expect(received.map(({ headers }) => headers)).toEqual(expected.map(({ headers }) => headers))
          }
        }
      },
    ),
    { numRuns: 150 },
  )
})

test('damaged bytes end the connection with a reason or do nothing, and never throw', () => {
  const damage = fc.array(fc.record({ at: fc.nat(5000), value: fc.nat(255) }), { minLength: 1, maxLength: 5 })
  fc.assert(
    fc.property(damage, cuts, (changes, sizes) => {
      const [client, server] = [new MuxEnd(true), new MuxEnd(false)]
      settle(client, server)
      const streams = [client.open(), client.open(true), client.open()]
      for (const { stream } of streams) client.mux.send(stream, numbered(7, 600), stream.call)
      const bytes = Buffer.from(client.out(1 << 20))
      for (const { at, value } of changes) bytes[at % bytes.length] = value
      const next = pieces(sizes)
      for (let at = 0; at < bytes.length;) {
        const size = next()
        server.mux.receive(bytes.subarray(at, at + size))
        at += size
      }
      settle(client, server)
      if (server.failure !== undefined) expect(server.mux.streams).toBe(0)
    }),
    { numRuns: 300 },
  )
})

test('any bytes at all are no exception, and hold no more than the limits say', () => {
  fc.assert(
    fc.property(
      fc.array(fc.uint8Array({ maxLength: 300, size: 'max' }), { maxLength: 30, size: 'max' }),
      chunks => {
        const server = new MuxEnd(false, { maxStreams: 4 })
        const client = new MuxEnd(true)
        server.mux.receive(client.out(1 << 20))
        for (const chunk of chunks) server.mux.receive(chunk)
        expect(server.mux.streams).toBeLessThanOrEqual(4)
      },
    ),
    { numRuns: 300 },
  )
})
