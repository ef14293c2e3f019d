import { describe, expect, test } from 'vitest'
import { MuxEnd, settle } from '../../support/mux-pair.js'

const ask = { headers: {}, body: new Uint8Array(3) }

/** Two ends with a call under way, which have looked at the time for the first time. */
function calling() {
  const [client, server] = [new MuxEnd(true), new MuxEnd(false)]
  settle(client, server)
  const call = client.open(true)
  client.mux.send(call.stream, ask, true)
  settle(client, server)
  const time = { now: 0 }
  const pass = (ms: number, step = 125) => {
    for (const until = time.now + ms; time.now < until;) {
      time.now += step
      client.mux.tick(time.now)
    }
  }
  client.mux.tick(0)
  return { client, server, call, pass, time }
}

describe('a peer that does not answer', () => {
  test('is suspect 1.5 s after it was asked, and its calls are told, and wait', () => {
    const { client, call, pass } = calling()
    let told = 0
    if (call.stream.handler) call.stream.handler.suspected = () => (told += 1)
    pass(1000)
    expect(client.out(1000)[0]).toBe(5)
    pass(1375)
    expect(client.suspicions).toEqual([])
    pass(125)
    expect(client.suspicions).toEqual([true])
    pass(8000)
    expect(client.suspicions).toEqual([true])
    expect(told).toBe(1)
    expect([call.broken, call.over]).toEqual([undefined, false])
  })

  test('is dead 10 s after it was asked: what is under way has failed', () => {
    const { client, call, pass } = calling()
    pass(10_875)
    expect(client.failure).toBeUndefined()
    pass(125)
    expect(client.failure).toMatchObject({ kind: 'unavailable' })
    expect(call.broken?.error.detail).toContain('did not answer within 10000 ms')
    expect(client.suspicions).toEqual([true])
  })

  test('is back at once when it answers, and the call goes on', () => {
    const { client, server, call, pass } = calling()
    pass(4000)
    settle(client, server)
    expect(client.suspicions).toEqual([true, false])
    const [accepted] = server.accepted
    if (accepted) server.mux.send(accepted.stream, ask, true)
    settle(client, server)
    expect(call.messages).toHaveLength(1)
    pass(900)
    expect(client.suspicions).toEqual([true, false])
  })

  test('becomes suspect again when it falls silent again', () => {
    const { client, server, pass } = calling()
    pass(4000)
    settle(client, server)
    pass(4000)
    expect(client.suspicions).toEqual([true, false, true])
  })

  test('is asked after 15 s when nothing is open', () => {
    const { client, call, pass } = calling()
    client.mux.reset(call.stream, 0, '')
    client.out(1000)
    pass(14_875)
    expect(client.out(1000)).toHaveLength(0)
    pass(125)
    expect(client.out(1000)[0]).toBe(5)
    pass(1500)
    expect(client.suspicions).toEqual([true])
  })
})

test('a peer that takes what was sent is there, although its answer waits behind it', () => {
  const { client, pass } = calling()
  pass(1000)
  for (let n = 0; n < 20; n += 1) {
    client.mux.writable = false
    pass(1000)
    client.mux.writable = true
  }
  expect(client.suspicions).toEqual([])
  expect(client.failure).toBeUndefined()
})

describe('a process that was busy itself', () => {
  test('reads before it judges, however long it was away', () => {
    const { client, server, pass, time } = calling()
    pass(1000)
    for (let n = 0; n < 5; n += 1) {
      time.now += 60_000
      client.mux.tick(time.now)
      settle(client, server)
      pass(1000)
    }
    expect(client.suspicions).toEqual([])
    expect(client.failure).toBeUndefined()
  })

  test('is not misled by a clock that goes back', () => {
    const { client, server, pass, time } = calling()
    pass(1000)
    time.now -= 3_600_000
    client.mux.tick(time.now)
    settle(client, server)
    pass(1000)
    expect(client.suspicions).toEqual([])
  })
})

describe('a peer that opens streams and resets them', () => {
  function resetting(count: number, client: MuxEnd, server: MuxEnd) {
    for (let n = 0; n < count; n += 1) {
      const { stream } = client.open(true)
      client.mux.send(stream, ask, true)
      client.mux.reset(stream, 0, '')
    }
    settle(client, server)
  }

  test('is given up beyond the limit of a second, and told why', () => {
    const [client, server] = [new MuxEnd(true), new MuxEnd(false, { maxResetsPerSecond: 100 })]
    settle(client, server)
    server.mux.tick(0)
    resetting(100, client, server)
    expect(server.failure).toBeUndefined()
    server.mux.tick(1000)
    resetting(100, client, server)
    expect(server.failure).toBeUndefined()
    server.mux.tick(1999)
    const call = client.open()
    resetting(1, client, server)
    expect(server.failure).toMatchObject({ kind: 'resource_exhausted' })
    expect(server.accepted).toHaveLength(201)
    expect(client.goneAway).toBe(true)
    expect(call.broken?.error.detail).toContain('more than 100 streams were reset within a second')
  })

  test('is given up as well when it makes the other side reset them', () => {
    const server = new MuxEnd(false, { maxResetsPerSecond: 10 })
    server.mux.receive(new MuxEnd(true).out(1000))
    for (let id = 1; id <= 21; id += 2) {
      // A piece of a message that has not begun.
      server.mux.receive(Uint8Array.from([0x11, 0, 0, 2, 0, 0, 0, id, 0, 0, 0x01, 0, 0, 1, 0, 0, 0, id, 0]))
      server.out(1000)
    }
    expect(server.failure?.detail).toContain('more than 10 streams were reset')
  })

  test('its own streams may be reset as often as wanted', () => {
    const [client, server] = [new MuxEnd(true, { maxResetsPerSecond: 5 }), new MuxEnd(false)]
    settle(client, server)
    for (let n = 0; n < 20; n += 1) {
      const { stream } = client.open()
      client.mux.send(stream, ask, false)
      settle(client, server)
      const accepted = server.accepted.at(-1)
      if (accepted) server.mux.reset(accepted.stream, 0, '')
      settle(client, server)
    }
    expect(client.failure).toBeUndefined()
  })
})
