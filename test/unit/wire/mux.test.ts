import { describe, expect, test } from 'vitest'
import type { Message } from 'headrace/streams'
import { resetCode } from '../../../src/wire/mux.js'
import { MuxEnd, settle } from '../../support/mux-pair.js'

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')
const text = (body: string, headers: Record<string, string> = {}): Message => ({
  headers,
  body: new TextEncoder().encode(body),
})

function pair(...limits: ConstructorParameters<typeof MuxEnd>[1][]) {
  const client = new MuxEnd(true, limits[0], 'when told')
  const server = new MuxEnd(false, limits[1] ?? limits[0], 'when told')
  settle(client, server)
  return { client, server }
}

describe('the bytes of docs/fast-lane.md', () => {
  test('the settings come first: seven entries', () => {
    const bytes = new MuxEnd(true).out(1000)
    expect(hex(bytes.subarray(0, 8))).toBe('0000002300000000')
    expect(hex(bytes.subarray(8))).toBe(
      '0100004000020000ffff0301000000040000040005000400000600040000' + '0704000000',
    )
  })

  test('a call and its answer are a frame each', () => {
    const { client, server } = pair()
    const call = client.open(true)
    const headers = { 'Content-Type': 'application/json', ':endpoint': 'A.B' }
    client.mux.send(call.stream, text('{}', headers), true)
    const request = client.out(1000)
    expect(hex(request)).toBe('7100000a000000010006801203412e427b7d')
    server.mux.receive(request)
    const [accepted] = server.accepted
    expect(accepted?.messages[0]?.headers).toEqual(headers)
    if (accepted !== undefined) server.mux.send(accepted.stream, text('{}'), true)
    const answer = server.out(1000)
    expect(hex(answer)).toBe('310000040000000100007b7d')
    client.mux.receive(answer)
    expect(call.over).toBe(true)
    expect(client.mux.streams + server.mux.streams).toBe(0)
  })

  test('a stream is its frames', () => {
    const { client, server } = pair()
    client.mux.send(client.open(true).stream, text('{}'), true) // stream 1
    settle(client, server)
    const { stream } = client.open()
    client.mux.send(stream, text('', { 'Content-Type': 'application/json', ':endpoint': 'A.C' }), false)
    client.mux.send(stream, text('{}'), false)
    client.mux.end(stream)
    const requests = client.out(1000)
    expect(hex(requests)).toBe(
      '1100000800000003000680' + '1203412e43' + '110000040000000300007b7d' + '0200000000000003',
    )
    server.mux.receive(requests)
    const answering = server.accepted[1]?.stream
    if (answering === undefined) throw new Error('the stream was not accepted')
    server.mux.send(answering, text('{}'), false)
    server.mux.send(answering, text('', { ':error': 'EOS' }), true)
    expect(hex(server.out(1000))).toBe(
      '110000040000000300007b7d' + '3100000700000003' + '000513' + '03454f53',
    )
  })

  test('ids of the dialler are odd, those of the listener even', () => {
    const { client, server } = pair()
    const [one, two, three] = [client.open(), client.open(), server.open()]
    client.mux.send(two.stream, text('first to send'), false)
    client.mux.send(one.stream, text('second'), false)
    server.mux.send(three.stream, text('mine'), false)
    expect([two.stream.id, one.stream.id, three.stream.id]).toEqual([1, 3, 2])
  })
})

describe('fairness', () => {
  test('a small message does not wait for a large one', () => {
    const { client, server } = pair()
    const [large, small] = [client.open(true), client.open(true)]
    client.mux.send(large.stream, { headers: {}, body: new Uint8Array(8_000_000) }, true)
    server.mux.receive(client.out(300_000))
    client.mux.send(small.stream, text('quick'), true)
    server.mux.receive(client.out(600_000))
    expect(server.accepted.map(({ messages }) => messages.length)).toEqual([0, 1])
    settle(client, server)
    expect(server.accepted[0]?.messages[0]?.body.length).toBe(8_000_000)
  })
})

describe('the size of a write', () => {
  const length = (pieces: readonly Uint8Array[]) => pieces.reduce((sum, piece) => sum + piece.length, 0)
  const body = new Uint8Array(1000)

  test('who sends a stream is asked for more until 32 KiB go out', () => {
    const { client } = pair({ streamBytes: 1_000_000 })
    const more = () => client.mux.send(stream, { headers: {}, body }, false)
    const nothing = () => undefined
    const handler = { received: nothing, ended: nothing, over: nothing, broken: nothing, sent: more }
    const stream = client.mux.open(handler, false)
    more()
    const sizes = [1, 2, 3].map(() => length(client.mux.take(256 * 1024)))
    for (const size of sizes) {
      expect(size).toBeGreaterThanOrEqual(32 * 1024)
      expect(size).toBeLessThan(34 * 1024)
    }
  })

  test('what waits goes out whole', () => {
    const { client } = pair({ streamBytes: 1_000_000 })
    const { stream } = client.open()
    client.mux.writable = false
    for (let sent = 0; sent < 200; sent += 1) client.mux.send(stream, { headers: {}, body }, false)
    client.mux.writable = true
    expect(length(client.mux.take(256 * 1024))).toBe(200 * 1010)
  })
})

describe('ends', () => {
  test('a reset reaches the other side with its reason', () => {
    const { client, server } = pair()
    const { stream } = client.open()
    client.mux.send(stream, text('x'), false)
    settle(client, server)
    client.mux.reset(stream, resetCode.cancelled, 'changed my mind')
    settle(client, server)
    expect(server.accepted[0]?.broken?.error.kind).toBe('unavailable')
    expect(server.accepted[0]?.broken?.error.message).toContain('changed my mind')
    expect(server.mux.streams).toBe(0)
  })

  test('streams behind the last accepted id of a go-away certainly did not run', () => {
    const { client, server } = pair()
    const early = client.open(true)
    client.mux.send(early.stream, text('early'), true)
    settle(client, server)
    const late = client.open(true)
    client.mux.send(late.stream, text('late'), true)
    const crossing = client.out(10_000)
    server.mux.goAway()
    client.mux.receive(server.out(10_000))
    server.mux.receive(crossing)
    expect(client.goneAway).toBe(true)
    expect(client.mux.room).toBe(0)
    expect(early.broken).toBeUndefined()
    expect(late.broken?.sent).toBe(false)
    expect(server.accepted).toHaveLength(1)
    const [accepted] = server.accepted
    if (accepted !== undefined) server.mux.send(accepted.stream, text('answer'), true)
    settle(client, server)
    expect(early.messages.map(({ body }) => Buffer.from(body).toString())).toEqual(['answer'])
  })

  test('a stream beyond the limit is refused, and did not run', () => {
    const server = new MuxEnd(false, { maxStreams: 1 })
    const client = new MuxEnd(true)
    settle(client, server)
    client.open(true)
    expect(client.mux.room).toBe(0)
    expect(() => client.open()).toThrow('look at room')
  })

  test('when the pipe is lost, what is open breaks: sent if it was written', () => {
    const { client } = pair()
    const [written, waiting] = [client.open(true), client.open()]
    client.mux.send(written.stream, text('x'), true)
    client.mux.receive(Uint8Array.of(0x0f, 0xff, 0xff, 0xff, 0, 0, 0, 0))
    expect(client.failure?.kind).toBe('bad_request')
    expect([written.broken?.sent, waiting.broken?.sent]).toEqual([true, false])
  })
})

describe('a peer that breaks the rules', () => {
  const frame = (type: number, id: number, payload: readonly number[]) =>
    Uint8Array.from([type, 0, payload.length >> 8, payload.length & 255, 0, 0, 0, id, ...payload])

  function victim() {
    const server = new MuxEnd(false, { streamMessages: 2 }, 'when told')
    server.mux.receive(new MuxEnd(true).out(1000))
    return server
  }

  test.each([
    ['a second settings frame', frame(0, 0, [])],
    ['a message without a stream', frame(0x11, 0, [0, 0])],
    ['a message that is shorter than its head', frame(0x11, 1, [0])],
    ['headers beyond the frame', frame(0x11, 1, [0, 9, 1])],
    ['a header pair that is none', frame(0x11, 1, [0, 1, 255])],
    ['a header name that is none', frame(0x11, 1, [0, 3, 90, 1, 65])],
    ['a header beyond its block', frame(0x11, 1, [0, 2, 1, 9])],
    ['a header that is not UTF-8', frame(0x11, 1, [0, 3, 1, 1, 0xff])],
    ['a message larger than allowed', frame(0x91, 1, [0x7f, 0, 0, 0, 0, 0])],
    ['a stream of ours that was never opened', frame(0x11, 2, [0, 0])],
    ['credit without numbers', frame(4, 0, [1])],
    ['a ping of another size', frame(5, 0, [1])],
  ])('%s ends the connection', (_, bytes) => {
    const server = victim()
    server.mux.receive(bytes)
    expect(server.failure?.kind).toBe('bad_request')
    expect(server.mux.streams).toBe(0)
    expect(server.out(10_000).some(byte => byte === 7)).toBe(true)
    server.mux.receive(frame(0x11, 1, [0, 0])) // and nothing further is read
    expect(server.accepted.filter(({ messages }) => messages.length > 0)).toEqual([])
  })

  test.each([
    ['a message after the end', [frame(0x31, 1, [0, 0]), frame(0x11, 1, [0, 0])]],
    ['a message within another', [frame(0x91, 1, [0, 0, 0, 9, 0, 0]), frame(0x11, 1, [0, 0])]],
    ['a piece of no message', [frame(0x11, 1, [0, 0]), frame(0x01, 1, [1, 2])]],
    ['more than a message said', [frame(0x91, 1, [0, 0, 0, 2, 0, 0]), frame(0x01, 1, [1, 2, 3])]],
    ['more messages than its credit', [1, 2, 3].map(() => frame(0x11, 1, [0, 0]))],
  ])('%s resets the stream and nothing else', (_, frames) => {
    const server = victim()
    for (const bytes of frames) server.mux.receive(bytes)
    server.mux.receive(frame(0x11, 3, [0, 0]))
    expect(server.failure).toBeUndefined()
    const [one, three] = server.accepted
    expect(one?.broken?.error.kind).toBe('bad_request')
    expect(three?.messages).toHaveLength(1)
  })

  test('one that asks and does not read is given up', () => {
    const server = victim()
    for (let n = 0; n < 1024; n += 1) server.mux.receive(frame(5, 0, [0, 0, 0, 0, 0, 0, 0, 0]))
    expect(server.failure).toBeUndefined()
    server.mux.receive(frame(5, 0, [0, 0, 0, 0, 0, 0, 0, 0]))
    expect(server.failure?.kind).toBe('resource_exhausted')
  })

  test('large calls beyond the limit are refused', () => {
    const server = new MuxEnd(false, { maxCallBytes: 1000 })
    const client = new MuxEnd(true)
    settle(client, server)
    const calls = [client.open(true), client.open(true)]
    for (const { stream } of calls) {
      client.mux.send(stream, { headers: {}, body: new Uint8Array(700) }, true)
    }
    settle(client, server)
    expect(calls.map(({ broken }) => broken?.sent)).toEqual([undefined, false])
  })
})

describe('a silent peer', () => {
  test('is asked after a second while something is open, and given up 10 s later', () => {
    const { client, server } = pair()
    client.mux.tick(0)
    client.mux.send(client.open(true).stream, text('x'), true)
    client.out(10_000)
    for (let now = 250; now <= 1000; now += 250) client.mux.tick(now)
    const ping = client.out(10_000)
    expect(hex(ping)).toBe('05000008000000000000000000000000')
    server.mux.receive(ping)
    expect(hex(server.out(10_000).subarray(0, 8))).toBe('0600000800000000')
    for (let now = 1250; now < 11_000; now += 250) client.mux.tick(now)
    expect(client.failure).toBeUndefined()
    client.mux.tick(11_000)
    expect(client.failure?.kind).toBe('unavailable')
  })

  test('is not given up by a process that was busy itself', () => {
    const { client, server } = pair()
    client.mux.tick(0)
    client.mux.send(client.open(true).stream, text('x'), true)
    for (let now = 250; now <= 1000; now += 250) client.mux.tick(now)
    client.mux.tick(31_000)
    expect(client.failure).toBeUndefined()
    settle(client, server)
    client.mux.tick(31_250)
    expect(client.failure).toBeUndefined()
  })
})
