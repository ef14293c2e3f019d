import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { MuxLimits } from '../../src/wire/mux.js'
import { attacks, frameBytes, messageFrame, words } from '../support/mux-attacks.js'
import { MuxEnd } from '../support/mux-pair.js'

const limits = {
  maxStreams: 8,
  maxHeaderBytes: 300,
  maxMessageBytes: 4_000,
  streamMessages: 4,
  streamBytes: 3_000,
  connectionMessages: 12,
  connectionBytes: 10_000,
  maxCallBytes: 6_000,
  maxControlFrames: 20,
  maxResetsPerSecond: 50,
} satisfies Partial<MuxLimits>

/** An end that has heard the settings of its peer, and whose application does nothing. */
function victim(with_: Partial<MuxLimits> = limits): MuxEnd {
  const end = new MuxEnd(false, with_, 'when told')
  end.mux.receive(new MuxEnd(true).out(1_000))
  return end
}

/** What an end holds of its peer and owes it is within its limits. */
function within(
  end: MuxEnd,
  { maxStreams, connectionMessages, connectionBytes, maxMessageBytes, maxControlFrames }: typeof limits,
) {
  const { stats, streams } = end.mux
  const unread = end.heard.reduce((sum, { unread, stream }) => sum + (stream.over ? 0 : unread.length), 0)
  const held: Readonly<Record<string, readonly [number, number]>> = {
    streams: [streams, end.failure === undefined ? maxStreams : 0],
    'messages held': [stats.unanswered.messages, connectionMessages + 1],
    'bytes held': [stats.unanswered.bytes, connectionBytes + maxMessageBytes],
    'bytes owed': [stats.queuedBytes, (maxControlFrames + maxStreams + 3) * 1_100],
    'messages that are not read': [unread, connectionMessages + 1],
  }
  // No expect(), which is slow: this is asked after every piece.
  for (const [what, [is, most]] of Object.entries(held)) {
    if (is > most) throw new Error(`${what}: ${is} is more than ${most}`)
  }
}

const id = fc.oneof({ weight: 8, arbitrary: fc.nat(20) }, { weight: 1, arbitrary: fc.nat(0xffffffff) })
const bytes = (maxLength: number) => fc.uint8Array({ maxLength, size: 'max' })
const frame = fc.oneof(
  {
    weight: 8,
    arbitrary: fc
      .record({
        flags: fc.constantFrom(0, 0x20, 0x40, 0x60, 0x80, 0xa0, 0xe0),
        id,
        headers: fc.oneof(fc.constant(new Uint8Array(0)), bytes(20)),
        body: bytes(900),
        whole: fc.option(fc.oneof(fc.nat(5_000), fc.nat(0xffffffff)), { nil: undefined }),
      })
      .map(each =>
        messageFrame(
          each.flags,
          each.id,
          each.headers,
          each.body,
          each.flags & 0x80 ? (each.whole ?? 2_000) : undefined,
        ),
      ),
  },
  {
    weight: 3,
    arbitrary: fc.record({ id, body: bytes(900) }).map(each => frameBytes(1, each.id, each.body)),
  },
  { weight: 2, arbitrary: id.map(each => frameBytes(2, each, new Uint8Array(0))) },
  { weight: 2, arbitrary: fc.tuple(id, fc.nat(9)).map(([each, code]) => frameBytes(3, each, words(code))) },
  {
    weight: 2,
    arbitrary: fc
      .tuple(id, fc.nat(0xffffffff), fc.nat(0xffffffff))
      .map(([each, m, b]) => frameBytes(4, each, words(m, b))),
  },
  { weight: 1, arbitrary: fc.nat(0xffffffff).map(n => frameBytes(5, 0, words(n, n))) },
  {
    weight: 1,
    arbitrary: fc
      .record({ head: fc.nat(255), id, body: bytes(40) })
      .map(each => frameBytes(each.head, each.id, each.body)),
  },
)

test('any frames in any pieces, from a peer that reads or does not: nothing throws, and what is held is within the limits', () => {
  fc.assert(
    fc.property(
      fc.array(frame, { maxLength: 60, size: 'max' }),
      fc.array(fc.integer({ min: 1, max: 700 }), { minLength: 1 }),
      fc.boolean(),
      (frames, sizes, reads) => {
        const end = victim()
        const all = Buffer.concat(frames)
        for (let at = 0, n = 0; at < all.length; n += 1) {
          const size = sizes[n % sizes.length] ?? 1
          end.mux.receive(all.subarray(at, at + size))
          at += size
          if (reads) end.out(1 << 20)
          within(end, limits)
        }
      },
    ),
    { numRuns: 500 },
  )
})

test.each(Object.keys(attacks))('a peer that %s for as long as it likes is held within the limits', name => {
  const attack = attacks[name]
  let end = victim()
  let given = 0
  for (let n = 0, since = 0; n < 3_000; n += 1, since += 1) {
    end.mux.receive(attack?.(since) ?? new Uint8Array(0))
    within(end, limits)
    if (end.failure === undefined) {
      if (n % 5 === 0) end.out(1 << 20)
      continue
    }
    given += 1
    expect(end.out(1 << 20).length).toBeGreaterThan(0) // it is told why
    end = victim()
    since = -1
  }
  if (name === 'opens and resets streams') expect(given).toBeGreaterThan(10)
})
