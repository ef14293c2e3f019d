import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Service } from 'headrace'
import { memory as memoryTransport } from 'headrace/adapters/transport/memory'
import { http } from 'headrace/adapters/transport/http'
import { ServiceError, type Context } from 'headrace/streams'
import { deliberateDifferences } from '../../support/deliberate-differences.js'
import type { HttpBytes } from '../../support/http-bytes.js'
import { createMemoryNetwork, type MemoryNetwork } from '../../support/memory-network.js'
import { scriptedServer, type RawPeer, type ScriptedServer } from '../../support/raw-peer.js'
import { ScriptedRegistry } from '../../support/scripted-registry.js'
import { vector } from '../../support/vectors.js'
import { VirtualClock, settle } from '../../support/virtual-clock.js'

const file = '2017-client-errors'

let network: MemoryNetwork
let caller: Service
const servers: ScriptedServer[] = []

beforeEach(() => {
  network = createMemoryNetwork(() => http())
  caller = network.makeService('caller')
})

afterEach(async () => {
  await network.close()
  for (const server of servers.splice(0)) await server.close()
})

/** What the Go client got, which differs from ours for the reason in the table. */
function goError(name: string): ServiceError {
  expect(deliberateDifferences[`${file}/${name}`]).toBeDefined()
  return ServiceError.fromWire(vector(file, name).text ?? '')
}

async function serve(script: (peer: RawPeer) => Promise<void>): Promise<string> {
  const server = await scriptedServer(script)
  servers.push(server)
  return server.address
}

/** The address of a server that gives every request one answer. */
function answering(answer: string): Promise<string> {
  return serve(async peer => {
    await peer.message()
    peer.write(answer)
  })
}

const hello = (options: object) => caller.client('greeter').call('Greeter.Hello', { name: 'John' }, options)

async function failureOf(outcome: PromiseLike<unknown>): Promise<unknown> {
  try {
    await outcome
  } catch (error) {
    return error
  }
  return expect.fail('the call succeeded')
}

describe('the errors of a client where go-micro 2017 has its own', () => {
  it('http-500', async () => {
    const { code, detail } = goError('http-500')
    const address = await answering('HTTP/1.1 500 Internal Server Error\r\nContent-Length: 5\r\n\r\nkaput')
    const error = await failureOf(hello({ address }))
    expect(error).toMatchObject({ kind: 'internal', code, detail, id: 'headrace.client' })
  })

  it('http-500: another status is another kind', async () => {
    const address = await answering('HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n')
    expect(await failureOf(hello({ address }))).toMatchObject({ kind: 'unavailable', code: 503 })
  })

  it('text-plain-200', async () => {
    const { code } = goError('text-plain-200')
    const text = 'Unsupported Content-Type: application/json'
    const head = `HTTP/1.1 200 OK\r\nContent-Length: ${text.length}\r\nContent-Type: text/plain\r\n\r\n`
    const error = await failureOf(hello({ address: await answering(head + text) }))
    expect(error).toMatchObject({ kind: 'internal', code, detail: text })
  })

  it('empty-200', async () => {
    const { code } = goError('empty-200')
    const address = await answering('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n')
    const detail = expect.stringContaining('greeter Greeter.Hello: the answer cannot be read') as string
    expect(await failureOf(hello({ address }))).toMatchObject({ kind: 'internal', code, detail })
  })

  it('refused', async () => {
    expect(goError('refused').detail).toContain('connection refused')
    const error = await failureOf(hello({ address: '127.0.0.1:1', retries: 0 }))
    const detail = expect.stringMatching(/127\.0\.0\.1:1.*refused/) as string
    expect(error).toMatchObject({ kind: 'unavailable', code: 503, detail })
  })

  it.each(['deadline-call', 'deadline-callremote'])('%s', async name => {
    const { kind, code, status } = goError(name)
    const address = await serve(async peer => {
      await peer.message()
      await peer.ended()
    })
    const error = await failureOf(hello({ address, timeoutMs: 20 }))
    const detail = expect.stringContaining(`no answer came from ${address}`) as string
    expect(error).toMatchObject({ kind, code, status, detail })
  })

  const noNode = {
    kind: 'not_found',
    code: 404,
    detail: expect.stringContaining('service greeter: no node is known') as string,
  }

  it('no-service', async () => {
    expect(goError('no-service').detail).toBe('none available')
    expect(await failureOf(hello({}))).toMatchObject(noNode)
  })

  it('no-nodes', async () => {
    expect(goError('no-nodes').detail).toBe('none available')
    const greeter = { name: 'greeter', version: '1.0.0', metadata: {}, endpoints: [], nodes: [] }
    const { registry } = new ScriptedRegistry({ kind: 'reset', services: [greeter] })
    caller = network.makeService('caller', { registry })
    expect(await failureOf(hello({}))).toMatchObject(noNode)
  })

  it('already-expired: nothing is sent', async () => {
    const { kind, code } = goError('already-expired')
    const requests: HttpBytes[] = []
    const address = await serve(async peer => {
      requests.push(await peer.message())
      const body = '{"id":0,"result":{},"error":null}'
      peer.write(`HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`)
    })
    const { signal } = new AbortController()
    const context = { deadline: Date.now() - 1, metadata: { Late: 'yes' }, signal } as unknown as Context
    expect(await failureOf(hello({ address, context }))).toMatchObject({ kind, code })
    await hello({ address })
    expect(requests.map(({ headers }) => headers['Late'])).toEqual([undefined])
  })

  it('backoff', async () => {
    expect(deliberateDifferences[`${file}/backoff`]).toBeDefined()
    expect(vector(file, 'backoff').json).toMatchObject({ 0: '0s', 1: '10ms', 2: '100ms', 3: '1s', 4: '10s' })
    const clock = new VirtualClock([1])
    caller = network.makeService('caller', { clock, timeoutMs: 60_000, transport: memoryTransport() })
    await failureOf(hello({ address: 'nobody:1', retries: 0 })) // loads what a client needs, which no virtual time waits for
    const outcome: unknown[] = []
    hello({ address: 'nobody:1', retries: 7 }).subscribe({ error: (error: unknown) => outcome.push(error) })
    await settle()
    for (const longestMs of [50, 100, 200, 400, 800, 1_000, 1_000]) {
      clock.advance(longestMs - 1)
      await settle()
      expect(outcome).toEqual([])
      clock.advance(1)
      await settle()
    }
    expect(outcome).toMatchObject([{ kind: 'unavailable' }])
  })
})
