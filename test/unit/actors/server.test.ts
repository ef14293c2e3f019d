import { Subject, firstValueFrom } from 'rxjs'
import { afterEach, describe, expect, test } from 'vitest'
import { json } from 'headrace/adapters/codec/json'
import { protobuf } from 'headrace/adapters/codec/protobuf'
import { createTransportHub, memory } from 'headrace/adapters/transport/memory'
import { createDeadlines } from 'headrace/actors'
import { ServiceError, systemClock, type Link, type ListenEvent, type Message } from 'headrace/streams'
import { createServer, type Server } from '../../../src/actors/server.js'
import { createEndpointTable } from '../../../src/actors/session/endpoint-table.js'
import { createFormats } from '../../../src/wire/formats.js'
import { settle } from '../../support/virtual-clock.js'

const formats = createFormats({ json: json(), protobuf: protobuf() })
const format = formats.get('application/json')?.rpc
if (format === undefined) throw new Error('no json')

const request = (endpoint: string, timeoutMs?: number): Message =>
  format.envelope.writeRequest(
    { id: 1, endpoint, body: format.codec.encode({}) },
    {
      'Content-Type': 'application/json',
      ...(timeoutMs === undefined ? {} : { Timeout: String(timeoutMs * 1e6) }),
    },
  )

const open: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of open.splice(0)) await close()
})

async function serving() {
  const hub = createTransportHub()
  // As on go-micro's wire: one call at a time on a connection.
  const options = { hub, callsPerLink: 1 }
  const [there, here] = [memory(options), memory(options)]
  const waiting: ((value: unknown) => void)[] = []
  const failures: ServiceError[] = []
  const server = createServer({
    service: 'test',
    transport: there,
    address: '127.0.0.1:0',
    endpoints: createEndpointTable(
      [
        {
          definition: { name: 'Test.Echo', cardinality: 'unary' },
          handle: (value: never) => value,
          internal: false,
        },
        {
          definition: { name: 'Test.Wait', cardinality: 'unary' },
          handle: () => new Promise(resolve => waiting.push(resolve)),
          internal: false,
        },
      ],
      [],
    ),
    formats,
    clock: systemClock,
    deadlines: createDeadlines(systemClock),
    report: () => undefined,
    onFailure: error => failures.push(error),
  })
  const address = await firstValueFrom(server.listening)
  open.push(
    () => server.close(),
    () => Promise.all([there.close(), here.close()]),
  )
  return { server, waiting, failures, dial: () => firstValueFrom(here.dial(address)) }
}

const answerTo = (link: Link, message: Message): Promise<Message | ServiceError> =>
  new Promise(resolve => link.request(message, { reply: resolve, fail: resolve }))

const closed = (link: Link): Promise<void> =>
  new Promise(resolve => link.closed.subscribe({ complete: resolve }))

const drained = (server: Server, silenceMs: number): Promise<void> =>
  new Promise((resolve, reject) => server.drain(silenceMs).subscribe({ error: reject, complete: resolve }))

describe('a server that drains', () => {
  test('answers what is under way and what still comes, then closes the connection', async () => {
    const { server, waiting, dial } = await serving()
    const link = await dial()
    const first = answerTo(link, request('Test.Wait'))
    await settle()
    let over = false
    const draining = drained(server, 60_000).then(() => (over = true))
    await settle()
    expect([over, server.stats()]).toEqual([false, expect.objectContaining({ connections: 1, inFlight: 1 })])
    waiting[0]?.('late')
    expect(await first).not.toBeInstanceOf(ServiceError)
    expect(link.room).toBe(0)
    await Promise.all([draining, closed(link)])
    expect(server.stats()).toMatchObject({ connections: 0, inFlight: 0, served: 1 })
  })

  test('serves a call that comes on an open connection, and closes it behind the answer', async () => {
    const { server, dial } = await serving()
    const link = await dial()
    await answerTo(link, request('Test.Echo'))
    const draining = drained(server, 60_000)
    await settle()
    expect(await answerTo(link, request('Test.Echo'))).not.toBeInstanceOf(ServiceError)
    await Promise.all([draining, closed(link)])
  })

  test('closes a connection that stays silent', async () => {
    const { server, dial } = await serving()
    const link = await dial()
    await answerTo(link, request('Test.Echo'))
    await Promise.all([drained(server, 20), closed(link)])
  })

  test('accepts nobody more', async () => {
    const { server, dial } = await serving()
    await drained(server, 0)
    expect(await dial().catch((error: ServiceError) => error.kind)).toBe('unavailable')
  })

  test('is drained at once when it is aborted, or was', async () => {
    const { server, dial } = await serving()
    const link = await dial()
    const call = answerTo(link, request('Test.Wait'))
    await settle()
    const draining = drained(server, 60_000)
    server.abort(new ServiceError('unavailable', 'enough'))
    await draining
    await drained(server, 60_000)
    expect(await call).toBeInstanceOf(ServiceError)
    expect(server.stats()).toMatchObject({ connections: 0, inFlight: 0, failed: 1 })
  })
})

describe('a server', () => {
  test('counts what waits behind the call before it', async () => {
    const { server, waiting, dial } = await serving()
    const link = await dial()
    const channel = link.open()
    channel.demand.subscribe({ error: () => undefined })
    for (let n = 0; n < 3; n += 1) channel.send(request('Test.Wait'))
    await settle()
    expect(server.stats()).toMatchObject({ inFlight: 1, waitingRequests: 2 })
    for (let n = 0; n < 3; n += 1) {
      waiting[n]?.(n)
      await settle()
    }
    expect(server.stats()).toMatchObject({ inFlight: 0, waitingRequests: 0, served: 3 })
    channel.abort(new ServiceError('cancelled', 'done'))
  })

  test('whose listener ends has failed', async () => {
    const events = new Subject<ListenEvent>()
    const failures: ServiceError[] = []
    const hub = createTransportHub()
    const transport = Object.assign(Object.create(memory({ hub })) as ReturnType<typeof memory>, {
      listen: () => events.asObservable(),
    })
    const server = createServer({
      service: 'test',
      transport,
      address: ':0',
      endpoints: new Map(),
      formats,
      clock: systemClock,
      deadlines: createDeadlines(systemClock),
      report: () => undefined,
      onFailure: error => failures.push(error),
    })
    events.next({ kind: 'listening', address: '127.0.0.1:1' })
    expect(await firstValueFrom(server.listening)).toBe('127.0.0.1:1')
    events.complete()
    expect(failures.map(({ detail }) => detail)).toEqual(['the listener at :0 has ended'])
  })
})
