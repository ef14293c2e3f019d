import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Service } from 'headrace'
import { http } from 'headrace/adapters/transport/http'
import { ServiceError, type CallOptions, type Reply } from 'headrace/streams'
import { deliberateDifferences } from '../../support/deliberate-differences.js'
import { GoGreeter } from '../../support/go-greeter.js'
import { asOurs, asSent, goServer, type GoServer } from '../../support/go-server.js'
import { createMemoryNetwork, type MemoryNetwork } from '../../support/memory-network.js'
import { vector } from '../../support/vectors.js'
import { VirtualClock } from '../../support/virtual-clock.js'

const file = '2017-http-unary'
const from = 'caller'
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
  readonly clientSees: { readonly result?: unknown; readonly error?: string }
}

/** Makes a call where the Go server of a capture answers; checks the bytes and gives the outcome. */
async function play(name: string, call: (options: CallOptions) => Reply<unknown>): Promise<unknown> {
  const server = await goServer(file, name)
  const { contentType } = vector(file, name).input as Input
  const outcome = await call({ address: server.address, contentType }).then(
    value => ({ value }),
    (error: unknown) => ({ error }),
  )
  await server.close()
  expectSameBytes(server)
  if ('error' in outcome) throw outcome.error
  return outcome.value
}

function expectSameBytes({ address, requests }: GoServer): void {
  expect(requests.length).toBeGreaterThan(0)
  expect(requests.map(({ ours }) => asSent(ours))).toEqual(
    requests.map(({ theirs }) => asOurs(theirs, address, from)),
  )
}

/** What the Go client saw, as we say it. */
const seen = (name: string) => (vector(file, name).input as Input).clientSees

async function failureOf(outcome: PromiseLike<unknown>): Promise<unknown> {
  try {
    await outcome
  } catch (error) {
    return error
  }
  return expect.fail('the call succeeded')
}

describe('a client sends the bytes of go-micro 2017 and reads its answers', () => {
  const typed = () => caller.client(GoGreeter, 'greeter')
  const untyped = () => caller.client('greeter')

  it.each(['unary-octet-stream', 'unary-protobuf', 'unary-json', 'unary-json-rpc'])('%s', async name => {
    expect(await play(name, options => typed().hello(john, options))).toEqual(seen(name).result)
  })

  it.each(['unary-void-proto', 'unary-void-json'])('%s', async name => {
    expect(await play(name, options => typed().void({}, options))).toEqual(seen(name).result)
  })

  it('unary-metadata: a Timeout among it is refused, not overwritten', async () => {
    const name = 'unary-metadata'
    expect(deliberateDifferences[`${file}/${name}`]).toBeDefined()
    const { metadata } = vector(file, name).input as { readonly metadata: Record<string, string> }
    const { Timeout, ...rest } = metadata
    expect(await play(name, options => typed().meta(john, { ...options, metadata: rest }))).toEqual(
      seen(name).result,
    )
    const refused = typed().meta(john, { address: '127.0.0.1:1', metadata: { Timeout: Timeout ?? '' } })
    expect(await failureOf(refused)).toMatchObject({ kind: 'bad_request' })
  })

  it('debug-health', async () => {
    expect(await play('debug-health', options => untyped().call('Debug.Health', {}, options))).toEqual(
      seen('debug-health').result,
    )
  })

  it('pooled-two-calls: on one connection', async () => {
    const server = await goServer(file, 'pooled-two-calls')
    const call = (name: string, n: string) =>
      typed().hello(
        { name },
        { address: server.address, contentType: 'application/json', metadata: { N: n } },
      )
    expect(await call('John', '1')).toEqual({ greeting: 'Hello John' })
    expect(await call('Jane', '2')).toEqual({ greeting: 'Hello Jane' })
    await server.close()
    expectSameBytes(server)
    expect(server.requests).toHaveLength(2)
  })

  const failures: readonly (readonly [name: string, method: string, request: object])[] = [
    ['unary-handler-error-json', 'Greeter.Fail', john],
    ['unary-plain-error-json', 'Greeter.Plain', john],
    ['unary-unknown-method', 'Greeter.Nope', john],
    ['unary-unknown-service', 'Nope.Hello', john],
    ['unary-ill-formed', 'Hello', john],
    ['unary-json-wrong-type', 'Greeter.Hello', { name: 5 }],
  ]

  it.each(failures)('%s: the error is what the Go client got', async (name, method, request) => {
    const error = await failureOf(play(name, options => untyped().call(method, request, options)))
    expect(error).toBeInstanceOf(ServiceError)
    expect(error).toEqual(ServiceError.fromWire(seen(name).error ?? ''))
  })

  it('unary-handler-error-proto: the error is what the Go client got', async () => {
    const name = 'unary-handler-error-proto'
    const error = await failureOf(play(name, options => typed().fail(john, options)))
    expect(error).toMatchObject({
      kind: 'bad_request',
      code: 400,
      detail: 'boom John',
      id: 'go.micro.srv.greeter',
    })
    expect((error as ServiceError).toWire()).toBe(seen(name).error)
  })

  it('unary-ill-formed-3: the error is what the Go client got', async () => {
    const name = 'unary-ill-formed-3'
    const odd = { hello: { ...GoGreeter.hello, name: 'go.Greeter.Hello' } }
    const error = await failureOf(play(name, options => caller.client(odd, 'greeter').hello(john, options)))
    expect(error).toMatchObject({ kind: 'internal', code: 0, detail: seen(name).error })
  })

  it('unary-client-unknown-codec: nothing is sent', async () => {
    const name = 'unary-client-unknown-codec'
    expect(deliberateDifferences[`${file}/${name}`]).toBeDefined()
    const { contentType, clientSees } = vector(file, name).input as Input
    const address = '127.0.0.1:1'
    const error = await failureOf(untyped().call('Greeter.Hello', john, { address, contentType }))
    const { detail } = ServiceError.fromWire(clientSees.error ?? '')
    expect(error).toMatchObject({ kind: 'bad_request', detail: expect.stringContaining(detail) as string })
  })
})
