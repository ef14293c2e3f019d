import { firstValueFrom } from 'rxjs'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { bidi, createService, type Flow, type Service } from 'headrace'
import { memory as memoryBroker } from 'headrace/adapters/broker/memory'
import { memory as memoryRegistry } from 'headrace/adapters/registry/memory'
import { createTransportHub, memory } from 'headrace/adapters/transport/memory'
import { work } from 'headrace'
import { ServiceError, type Channel, type Message, type Transport } from 'headrace/streams'

let service: Service
let transport: Transport
let handled: unknown[]

beforeEach(async () => {
  const hub = createTransportHub()
  handled = []
  transport = memory({ hub })
  service = createService({
    name: 'echo',
    address: '127.0.0.1:1',
    transport: memory({ hub }),
    registry: memoryRegistry(),
    broker: memoryBroker(),
    argv: [],
    env: {},
    log: false,
  })
  service.handle({
    Echo: {
      Once: (value: unknown, { metadata }: { metadata: unknown }) => [value, metadata],
      Fail: () => {
        throw new ServiceError('not_found', 'nobody', { id: 'echo' })
      },
      Three: bidi((items: Flow<number>) => items.pipe(work(item => (handled.push(item), item * 2)))),
    },
  })
  await service.start()
})

afterEach(async () => {
  await service.close()
  await transport.close()
})

const json = { 'Content-Type': 'application/json' }
const message = (headers: Record<string, string>, body = ''): Message => ({
  headers,
  body: new TextEncoder().encode(body),
})
const shown = ({ headers, body }: Message) => ({ headers, body: new TextDecoder().decode(body) })

async function dial() {
  return firstValueFrom(transport.dial('127.0.0.1:1'))
}

async function ask(request: Message) {
  const link = await dial()
  const answer = await new Promise<Message>((resolve, reject) => {
    link.request(request, { reply: resolve, fail: reject })
  })
  link.retire()
  return shown(answer)
}

/** What comes on a channel, one after another. */
function reader(channel: Channel): () => Promise<ReturnType<typeof shown>> {
  const come: Message[] = []
  let waiting: (() => void) | undefined
  channel.incoming.subscribe({
    next: delivery => {
      come.push(delivery.value)
      delivery.ack()
      waiting?.()
    },
    error: () => undefined,
  })
  return async () => {
    while (come.length === 0) await new Promise<void>(resolve => (waiting = resolve))
    return shown(come.shift() as Message)
  }
}

it('a bare call is answered with the body alone; the endpoint is no metadata', async () => {
  const headers = { ...json, ':endpoint': 'Echo.Once', 'User-Id': '7' }
  expect(await ask(message(headers, '5'))).toEqual({ headers: {}, body: '[5,{"User-Id":"7"}]' })
})

it('a body of no bytes is the zero value', async () => {
  expect(await ask(message({ ...json, ':endpoint': 'Echo.Once' }))).toMatchObject({ body: '[{},{}]' })
})

it('an error is a header', async () => {
  const answer = await ask(message({ ...json, ':endpoint': 'Echo.Fail' }, '{}'))
  const error = '{"id":"echo","code":404,"detail":"nobody","status":"Not Found"}'
  expect(answer).toEqual({ headers: { ':error': error }, body: '' })
})

it('each request is answered in its own dialect', async () => {
  const rpc = await ask(message(json, '{"method":"Echo.Once","params":[5],"id":3}'))
  expect(rpc).toEqual({ headers: json, body: '{"id":3,"result":[5,{}],"error":null}\n' })
})

it('a Content-Type that is not known is refused in words', async () => {
  const headers = { 'Content-Type': 'application/xml', ':endpoint': 'Echo.Once' }
  expect(await ask(message(headers, '<a/>'))).toEqual({
    headers: { 'Content-Type': 'text/plain' },
    body: 'Unsupported Content-Type: application/xml',
  })
})

it('an endpoint that is not served is an error in a header', async () => {
  const { headers } = await ask(message({ ...json, ':endpoint': 'Echo.Nothing' }, '{}'))
  expect(JSON.parse(headers[':error'] ?? '')).toMatchObject({
    code: 404,
    detail: "rpc: can't find method Echo.Nothing",
  })
})

it('a stream: the opening has no body, its messages no headers, and its end is EOS', async () => {
  const channel = (await dial()).open()
  const next = reader(channel)
  channel.send(message({ ...json, ':endpoint': 'Echo.Three' }))
  channel.send(message({}, '1'))
  channel.send(message({}, '2'))
  channel.end()
  expect(await next()).toEqual({ headers: {}, body: '2' })
  expect(await next()).toEqual({ headers: {}, body: '4' })
  expect(await next()).toEqual({ headers: { ':error': 'EOS' }, body: '' })
  expect(handled).toEqual([1, 2])
})

it('what is still sent to a stream that has failed is dropped, and the next call on the channel is served', async () => {
  const channel = (await dial()).open()
  const next = reader(channel)
  channel.send(message({ ...json, ':endpoint': 'Echo.Three' }))
  channel.send(message({}, 'no json'))
  expect((await next()).headers).toHaveProperty(':error')
  channel.send(message({}, '3'))
  channel.send(message({ ...json, ':endpoint': 'Echo.Once' }, '4'))
  expect(await next()).toEqual({ headers: {}, body: '[4,{}]' })
  expect(handled).toEqual([])
  channel.end()
})
