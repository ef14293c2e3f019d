import { expect, it, test } from 'vitest'
import { emptyMessage, type DnsMessage } from '../../../../src/wire/mdns/dns-message.js'
import { readDnsMessage } from '../../../../src/wire/mdns/dns-reader.js'
import { writeDnsMessage } from '../../../../src/wire/mdns/dns-writer.js'

const header = (questions: number, answers = 0) => [0, 0, 0, 0, 0, questions, 0, answers, 0, 0, 0, 0]
const bytes = (...parts: readonly (number | readonly number[])[]) => Uint8Array.from(parts.flat())
const srv = (data: readonly number[]) => [0, 0, 33, 0, 1, 0, 0, 0, 9, 0, data.length, ...data]

const damaged: Readonly<Record<string, Uint8Array>> = {
  'no header': bytes(0, 0, 0),
  'a question that is not there': bytes(header(1)),
  'a name that points to itself': bytes(header(1), 0xc0, 12, 0, 12, 0, 1),
  'a name that points forward': bytes(header(1), 0xc0, 14, 0, 0, 12, 0, 1),
  'two names that point to each other': bytes(header(1), 1, 97, 0xc0, 12, 0, 12, 0, 1),
  'a label that goes beyond the end': bytes(header(1), 63, 97),
  'a label of a kind that does not exist': bytes(header(1), 0x80, 0, 0, 12, 0, 1),
  'a pointer that is cut in half': bytes(header(1), 0xc0),
  'a record longer than the message': bytes(header(0, 1), 0, 0, 16, 0, 1, 0, 0, 0, 9, 0, 200, 1),
  'a TXT string longer than its record': bytes(header(0, 1), 0, 0, 16, 0, 1, 0, 0, 0, 9, 0, 2, 9, 1),
  'an address of three bytes': bytes(header(0, 1), 0, 0, 1, 0, 1, 0, 0, 0, 9, 0, 3, 1, 2, 3),
  'an SRV record of four bytes': bytes(header(0, 1), srv([0, 0, 0, 0])),
  'an SRV target beyond its record': bytes(header(0, 1), srv([0, 0, 0, 0, 0, 80]), 1, 97, 0),
  'more entries than are read': bytes([0, 0, 0, 0, 255, 255, 0, 0, 0, 0, 0, 0]),
  'a name of too many bytes': bytes(
    header(1),
    Array.from({ length: 5 }, () => [63, ...Array<number>(63).fill(97)]).flat(),
    0,
  ),
}

test.each(Object.entries(damaged))('%s is a bad_request', (_, message) => {
  expect(() => readDnsMessage(message)).toThrow(
    expect.objectContaining({ name: 'ServiceError', kind: 'bad_request' }),
  )
})

it('passes over records of other types and classes', () => {
  const other = bytes(
    header(0, 2),
    [0, 0, 47, 0, 1, 0, 0, 0, 9, 0, 1, 7],
    [0, 0, 1, 0, 3, 0, 0, 0, 9, 0, 4, 1, 2, 3, 4],
  )
  expect(readDnsMessage(other).answers).toEqual([])
})

it('reads a record with the cache-flush bit of other responders', () => {
  const flush = bytes(header(0, 1), [0, 0, 1, 0x80, 1, 0, 0, 0, 9, 0, 4, 1, 2, 3, 4])
  expect(readDnsMessage(flush).answers[0]?.data).toEqual({ type: 'A', address: '1.2.3.4' })
})

it('knows messages that are not for multicast DNS', () => {
  for (const flags of [0x0800, 0x0200, 0x0003]) {
    const message = bytes([0, 0, flags >> 8, flags & 0xff, 0, 0, 0, 0, 0, 0, 0, 0])
    expect(readDnsMessage(message).plain).toBe(false)
  }
})

it('reads names of 255 bytes and texts beyond ASCII', () => {
  const name = [...Array<string>(3).fill('a'.repeat(63)), 'b'.repeat(61)].join('.')
  const questions = [name, 'grüße.東京'].map(each => ({ name: each, type: 12, unicast: true }))
  const message: DnsMessage = { ...emptyMessage, id: 7, questions }
  expect(readDnsMessage(writeDnsMessage(message, { compress: true }))).toEqual(message)
})

test.each(['', 'a..b', `${'x'.repeat(64)}.local`, 'é'.repeat(32), `${'abcdefg.'.repeat(32)}x`])(
  "'%s' is refused as a name",
  name => {
    const message = { ...emptyMessage, questions: [{ name, type: 12, unicast: false }] }
    expect(() => writeDnsMessage(message, { compress: true })).toThrow(
      expect.objectContaining({ kind: 'bad_request' }),
    )
  },
)
