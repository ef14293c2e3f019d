import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { http } from 'headrace/adapters/transport/http'
import { ServiceError, defineService, rpc } from 'headrace/streams'
import { greeterTypes } from '../../../support/greeter-types.js'
import { createMemoryNetwork, type MemoryNetwork } from '../../../support/memory-network.js'
import { scriptedServer, type RawPeer, type ScriptedServer } from '../../../support/raw-peer.js'

let network: MemoryNetwork
let server: ScriptedServer | undefined

beforeEach(() => {
  network = createMemoryNetwork(() => http())
})

afterEach(async () => {
  await network.close()
  await server?.close()
})

interface Answer {
  readonly status?: string
  readonly contentType?: string
  readonly body: string
}

/** What a call that is answered so comes to. */
async function outcomeOf({ status = '200 OK', contentType, body }: Answer): Promise<unknown> {
  const type = contentType === undefined ? '' : `Content-Type: ${contentType}\r\n`
  server = await scriptedServer(async peer => {
    await peer.message()
    peer.write(`HTTP/1.1 ${status}\r\n${type}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`)
  })
  const client = network.makeService('caller').client('greeter')
  const options = { address: server.address, retries: 0 }
  return client.call('Greeter.Hello', {}, options).then(
    value => value,
    (error: unknown) => error,
  )
}

const json = 'application/json'

describe('what a client makes of an answer', () => {
  it('an empty answer of version 1 is of the type of the request: what it shows is that of the first request of its connection', async () => {
    server = await scriptedServer(async peer => {
      await peer.message()
      peer.write('HTTP/1.1 200 OK\r\nContent-Type: application/json-rpc\r\nContent-Length: 0\r\n\r\n')
    })
    const { helloRequest: request, helloResponse: response } = greeterTypes
    const greeter = defineService('Greeter', { hello: { ...rpc.unary<object, object>(), request, response } })
    const { hello } = network.makeService('caller').client(greeter, 'greeter')
    const options = { address: server.address, contentType: 'application/protobuf', dialect: 'mucp' } as const
    expect(await hello({}, options)).toEqual({ greeting: '' })
  })

  it('an answer with a status other than 200 is an error, also when its body is that of a success', async () => {
    const body = '{"id":0,"result":{"greeting":"Hello"},"error":null}'
    const error = await outcomeOf({ status: '502 Bad Gateway', contentType: json, body })
    expect(error).toBeInstanceOf(ServiceError)
    expect(error).toMatchObject({ kind: 'internal', code: 502, detail: `502 Bad Gateway: ${body}` })
  })

  it('JSON of a proxy that is no RPC answer is an error with its status', async () => {
    const error = await outcomeOf({ status: '503 Service Unavailable', contentType: json, body: '{}' })
    expect(error).toMatchObject({ kind: 'unavailable', code: 503, detail: '503 Service Unavailable: {}' })
  })

  it('an error of the service counts more than the status it came with', async () => {
    const body = '{"id":-1,"error":{"category":404,"message":"no such user","retriable":false}}'
    const error = await outcomeOf({ status: '404 Not Found', contentType: json, body })
    expect(error).toMatchObject({ kind: 'not_found', code: 404, detail: 'no such user' })
  })

  it('parameters of a Content-Type do not matter', async () => {
    const body = '{"id":0,"result":{"greeting":"Hello"},"error":null}'
    expect(await outcomeOf({ contentType: 'application/json; charset=utf-8', body })).toEqual({
      greeting: 'Hello',
    })
  })

  it('an answer without a Content-Type is of the type of the request', async () => {
    const body = '{"id":0,"result":{"greeting":"Hello"},"error":null}'
    expect(await outcomeOf({ body })).toEqual({ greeting: 'Hello' })
  })

  it('the end of a stream is no answer to a call', async () => {
    const error = await outcomeOf({ contentType: json, body: '{"id":0,"result":{},"error":"EOS"}' })
    expect(error).toMatchObject({
      kind: 'internal',
      detail: expect.stringContaining('as a stream') as string,
    })
  })

  it('of a page without end only the beginning is quoted', async () => {
    const page = '<html>'.padEnd(100_000, 'x')
    const error = await outcomeOf({
      status: '500 Internal Server Error',
      contentType: 'text/html',
      body: page,
    })
    expect(error).toMatchObject({ kind: 'internal', detail: expect.stringContaining('<html>xxx') as string })
    expect((error as ServiceError).detail.length).toBeLessThan(1_100)
  })
})

describe('the connection behind an answer', () => {
  const refusal = '{"id":0,"result":{},"error":"rpc: can\'t find method Greeter.Nope"}\n'
  const object =
    '{"id":0,"result":{},"error":"{\\"id\\":\\"greeter\\",\\"code\\":404,\\"detail\\":\\"no user\\"}"}\n'
  const fine = '{"id":0,"result":{},"error":null}\n'

  /** The answer to the first call on a connection, then the connections that two calls take. */
  async function connectionsOf(first: string, contentType: string): Promise<number> {
    const write = (type: string, body: string) =>
      `HTTP/1.1 200 OK\r\nContent-Type: ${type}\r\nContent-Length: ${body.length}\r\n\r\n${body}`
    let calls = 0
    const requested = (peer: RawPeer) =>
      peer.message().then(
        () => true,
        () => false,
      )
    const scripted = await scriptedServer(async peer => {
      while (await requested(peer)) {
        calls += 1
        peer.write(calls === 1 ? write(contentType, first) : write(json, fine))
      }
    })
    server = scripted
    const client = network.makeService('caller').client('greeter')
    const call = () => client.call('Greeter.Hello', {}, { address: scripted.address, retries: 0 })
    await expect(call()).rejects.toBeInstanceOf(ServiceError)
    expect(await call()).toEqual({})
    return scripted.accepted
  }

  it.each([
    ['a refusal that go-micro closes behind', refusal, json],
    ['a text that is no RPC answer', 'Unsupported Content-Type: application/json', 'text/plain'],
    ['an answer that cannot be read', 'x', json],
  ])('%s is the last on its connection', async (_, first, contentType) => {
    expect(await connectionsOf(first, contentType)).toBe(2)
  })

  it('a connection goes on behind the error of a handler', async () => {
    expect(await connectionsOf(object, json)).toBe(1)
  })
})
