import { firstValueFrom } from 'rxjs'
import { afterEach, expect, test } from 'vitest'
import type { Message, ServiceError, Transport } from 'headrace/streams'
import { http, type HttpTransportOptions } from '../../../../src/adapters/transport/http.js'
import { listenWithEcho, replyText } from '../../../support/echo.js'
import { startSilencingProxy, type SilencingProxy } from '../../../support/silencing-proxy.js'
import { VirtualClock, settle } from '../../../support/virtual-clock.js'

const open: Transport[] = []
const proxies: SilencingProxy[] = []
afterEach(async () => {
  await Promise.all(open.splice(0).map(transport => transport.close()))
  await Promise.all(proxies.splice(0).map(proxy => proxy.close()))
})

function transport(options: HttpTransportOptions = {}): Transport {
  const made = http(options)
  open.push(made)
  return made
}

const message = (text: string): Message => ({ headers: {}, body: new TextEncoder().encode(text) })

/** A link through a proxy, at the dialling end in virtual time. */
async function linked(options: HttpTransportOptions = {}) {
  const proxy = await startSilencingProxy(await listenWithEcho(transport()))
  proxies.push(proxy)
  const clock = new VirtualClock()
  const client = transport({ ...options, clock })
  const link = await firstValueFrom(client.dial(proxy.address, 'mux/1'))
  expect(await replyText(link, message('there'))).toBe('there')
  const suspicions: boolean[] = []
  link.suspect?.subscribe(suspect => suspicions.push(suspect))
  return { proxy, clock, link, suspicions }
}

test('a peer that vanishes fails every pending call and stream when the pings are not answered', async () => {
  const { proxy, clock, link, suspicions } = await linked()
  const errors: ServiceError[] = []
  const told: string[] = []
  proxy.silence()
  for (let n = 0; n < 100; n += 1) {
    link.request(message('gone'), {
      reply: () => told.push('reply'),
      fail: error => errors.push(error),
      suspected: () => told.push('suspected'),
    })
  }
  link.open().incoming.subscribe({ error: (error: ServiceError) => errors.push(error) })
  clock.advance(2_400)
  expect(suspicions).toEqual([false])
  clock.advance(400)
  expect(suspicions).toEqual([false, true])
  expect(told).toEqual(Array.from({ length: 100 }, () => 'suspected'))
  clock.advance(8_100)
  expect(errors).toEqual([])
  clock.advance(400)
  expect(errors).toHaveLength(101)
  expect(new Set(errors.map(({ kind }) => kind))).toEqual(new Set(['unavailable']))
  expect(link.room).toBe(0)
})

test('the times are options', async () => {
  const { proxy, clock, link, suspicions } = await linked({
    idlePingAfterMs: 100,
    suspectAfterMs: 200,
    deadAfterMs: 400,
  })
  let closed = false
  link.closed.subscribe({ complete: () => (closed = true) })
  proxy.silence()
  clock.advance(350)
  expect(suspicions).toEqual([false, true])
  clock.advance(250)
  expect(link.room).toBe(0)
  clock.advance(3_000)
  while (!closed) await settle()
})

const ofFastLane = [
  'pingAfterMs',
  'idlePingAfterMs',
  'suspectAfterMs',
  'deadAfterMs',
  'maxResetsPerSecond',
  'connectionWindowMessages',
  'connectionWindowBytes',
  'maxCallBytes',
  'maxControlFrames',
]
test.each(ofFastLane)('a wrong %s is named', name => {
  expect(() => http({ [name]: -1 })).toThrow(name)
})

test('each side tells the other the windows of its options', async () => {
  const server = transport({ connectionWindowMessages: 77, connectionWindowBytes: 5_000, maxStreams: 3 })
  const client = transport({ connectionWindowMessages: 88, connectionWindowBytes: 6_000 })
  const link = await firstValueFrom(client.dial(await listenWithEcho(server), 'mux/1'))
  expect(link.room).toBe(3)
  expect(link.stats?.()).toMatchObject({
    sendCredit: { messages: 77, bytes: 5_000 },
    receiveCredit: { messages: 88, bytes: 6_000 },
  })
})
