import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Service } from 'headrace'
import { http } from 'headrace/adapters/transport/http'
import { ServiceError, type CallOptions } from 'headrace/streams'
import { GoGreeter } from '../../support/go-greeter.js'
import { asSent, goServer } from '../../support/go-server.js'
import { createMemoryNetwork, type MemoryNetwork } from '../../support/memory-network.js'
import { asOursV118 } from '../../support/v118.js'
import { vector } from '../../support/vectors.js'
import { VirtualClock } from '../../support/virtual-clock.js'

const file = 'v118-http-unary'
const from = 'caller'
const service = 'go.micro.srv.greeter'
const john = { name: 'John' }

let network: MemoryNetwork
let caller: Service

beforeEach(() => {
  network = createMemoryNetwork(() => http())
  // Time stands still, so that what is left of the timeout is all of it.
  caller = network.makeService(from, { clock: new VirtualClock() })
})

afterEach(() => network.close())

interface Input {
  readonly contentType: string
  readonly metadata: Record<string, string> | null
  readonly clientSees: { readonly result?: unknown; readonly error?: string }
}

/** Makes a call where the Go server of a capture answers; checks the bytes and gives the outcome. */
async function play(name: string, call: (options: CallOptions) => PromiseLike<unknown>): Promise<unknown> {
  const server = await goServer(file, name)
  const { contentType, metadata } = vector(file, name).input as Input
  const options: CallOptions = {
    address: server.address,
    contentType,
    dialect: 'mucp',
    metadata: metadata ?? {},
  }
  const outcome = await call(options).then(
    value => ({ value }),
    (error: unknown) => ({ error }),
  )
  await server.close()
  expect(server.requests.length).toBeGreaterThan(0)
  expect(server.requests.map(({ ours }) => asSent(ours))).toEqual(
    server.requests.map(({ theirs }) => asOursV118(theirs, server.address, from)),
  )
  return 'error' in outcome ? outcome.error : outcome.value
}

const seen = (name: string) => (vector(file, name).input as Input).clientSees

describe('a client sends what a client of version 1 sends, and reads the answers', () => {
  const typed = () => caller.client(GoGreeter, service)
  const untyped = () => caller.client(service)

  it.each([
    'mucp-unary application/protobuf',
    'mucp-unary application/json',
    'mucp-unary application/proto-rpc',
    'mucp-unary application/json-rpc',
  ])('%s', async name => {
    expect(await play(name, options => typed().hello(john, options))).toEqual(seen(name).result)
  })

  it.each(['mucp-void application/protobuf', 'mucp-void application/json'])('%s', async name => {
    expect(await play(name, options => typed().void({}, options))).toEqual(seen(name).result)
  })

  it('mucp-health', async () => {
    const outcome = await play('mucp-health', options => untyped().call('Debug.Health', {}, options))
    expect(outcome).toEqual(seen('mucp-health').result)
  })

  it.each([
    'mucp-error application/protobuf',
    'mucp-error application/json',
    'mucp-error application/proto-rpc',
    'mucp-error application/json-rpc',
  ])('%s: the error is what the Go client got', async name => {
    const error = await play(name, options => typed().fail(john, options))
    expect(error).toMatchObject({ kind: 'bad_request', code: 400, detail: 'boom John' })
    expect((error as ServiceError).toWire()).toBe(seen(name).error)
  })

  it.each([
    ['mucp-plain-error application/json', 'Greeter.Plain'],
    ['mucp-unknown-method application/json', 'Greeter.Nope'],
    ['mucp-unknown-service application/json', 'Nope.Hello'],
    ['mucp-ill-formed application/json', 'Hello'],
  ])('%s: the error is what the Go client got', async (name, method) => {
    const error = await play(name, options => untyped().call(method, john, options))
    expect(error).toEqual(ServiceError.fromWire(seen(name).error ?? ''))
  })

  it('pooled-two-calls: on one connection, and the ids count up', async () => {
    const server = await goServer(file, 'pooled-two-calls')
    const options: CallOptions = { address: server.address, contentType: 'application/json', dialect: 'mucp' }
    for (let call = 0; call < 2; call += 1)
      expect(await typed().hello(john, options)).toEqual({ greeting: 'Hello John' })
    await server.close()
    expect(server.requests.map(({ ours }) => ours.headers['Micro-Id'])).toEqual(
      server.requests.map(({ theirs }) => theirs.headers['Micro-Id']),
    )
  })

  it('raw bytes are not sent: the type of the request becomes application/protobuf', async () => {
    const name = 'mucp-unary application/protobuf'
    const options = { contentType: 'application/octet-stream', metadata: { Foo: 'bar' } }
    expect(await play(name, given => typed().hello(john, { ...given, ...options }))).toEqual(
      seen(name).result,
    )
  })
})
