import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { firstValueFrom } from 'rxjs'
import { afterEach, describe, expect, it, test } from 'vitest'
import { consul, type ConsulOptions } from 'headrace/adapters/registry/consul'
import { loadConsul } from '../../../../../src/adapters/registry/consul/library.js'
import { fakeConsul, healthEntry, type FakeHandler } from '../../../../support/fake-consul.js'
import { VirtualClock } from '../../../../support/virtual-clock.js'

const opened: { close(): Promise<void> }[] = []
afterEach(async () => {
  for (const each of opened.splice(0).reverse()) await each.close()
})

const oneNode: FakeHandler = () => ({ body: [healthEntry('w', 'a')] })
const found = [
  {
    name: 'w',
    version: '1',
    metadata: {},
    endpoints: [],
    nodes: [{ id: 'a', address: '127.0.0.1:1', metadata: {} }],
  },
]

async function agent(handler: FakeHandler, tls?: Parameters<typeof fakeConsul>[1]) {
  const fake = await fakeConsul(handler, tls)
  opened.push(fake)
  return fake
}

function registry(options: ConsulOptions) {
  const made = consul(options)
  opened.push(made)
  return made
}

const lookUp = (options: ConsulOptions) => firstValueFrom(registry(options).lookup('w'))

/** The address of a port where nothing listens. */
async function deadAddress(): Promise<string> {
  const fake = await fakeConsul(oneNode)
  await fake.close()
  return fake.address
}

/** What an attempt at several agents fails with, in words. */
const failure = (kind: string, ...words: readonly string[]) =>
  expect.objectContaining({
    name: 'ServiceError',
    kind,
    message: expect.stringMatching(new RegExp(words.join('.*'), 's')) as string,
  }) as Error

describe('what a request carries', () => {
  it('the token and the datacentre', async () => {
    const { address, requests } = await agent(oneNode)
    await lookUp({ addresses: [address], token: 'secret', datacentre: 'east' })
    expect(requests).toMatchObject([{ token: 'secret', query: { dc: 'east' } }])
  })

  it('neither where there is none', async () => {
    const { address, requests } = await agent(oneNode)
    await lookUp({ addresses: [address] })
    expect(requests).toMatchObject([{ token: undefined, query: {} }])
  })

  it('a name that must be escaped', async () => {
    const { address, requests } = await agent(() => ({ body: [] }))
    await firstValueFrom(registry({ addresses: [address] }).lookup('topic:a/b?c'))
    expect(requests).toMatchObject([{ path: '/v1/health/service/topic:a/b?c' }])
  })

  it('IPv6 addresses are dialled', async () => {
    const server = createServer((_, response) => {
      response.writeHead(200, { 'Content-Type': 'application/json' }).end('[]')
    })
    server.listen(0, '::1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    expect(await lookUp({ addresses: [`[::1]:${port}`] })).toEqual([])
    server.close()
  })
})

describe('what goes wrong at an agent', () => {
  test.each([
    [403, 'Permission denied', 'forbidden', 'ACL token'],
    [400, 'Bad datacenter', 'bad_request', 'Bad datacenter'],
    [500, 'No cluster leader', 'unavailable', 'No cluster leader'],
    [429, 'rate limited', 'unavailable', 'rate limited'],
  ])('status %d, %s, is %s', async (status, body, kind, words) => {
    const { address } = await agent(() => ({ status, body }))
    await expect(lookUp({ addresses: [address] })).rejects.toThrow(
      failure(kind, 'look up w at ', `HTTP ${status}`, words),
    )
  })

  test('an answer that is no JSON is unavailable', async () => {
    const { address } = await agent((_, response) => {
      response.writeHead(200, { 'Content-Type': 'application/json' }).end('[{')
      return undefined
    })
    await expect(lookUp({ addresses: [address] })).rejects.toThrow(failure('unavailable', 'look up w'))
  })

  test('an answer of something else than Consul is unavailable', async () => {
    const { address } = await agent(() => ({ body: '<html>' }))
    await expect(lookUp({ addresses: [address] })).rejects.toThrow(failure('unavailable', 'no list'))
  })

  test('an answer that is broken off is unavailable at once', async () => {
    const { address } = await agent((_, response) => {
      response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': '100' })
      response.write('[')
      setImmediate(() => response.socket?.end())
      return undefined
    })
    await expect(lookUp({ addresses: [address], timeoutMs: 60_000 })).rejects.toThrow(failure('unavailable'))
  })

  test('an answer that is too large is not read to its end', async () => {
    const fake = await agent(() => ({ body: ['x'.repeat(10_000_000)] }))
    await expect(lookUp({ addresses: [fake.address], maxAnswerBytes: 100_000 })).rejects.toThrow(
      expect.objectContaining({ message: expect.stringContaining('maxAnswerBytes') as string }),
    )
  })

  test('more nodes than are held are resource_exhausted', async () => {
    const { address } = await agent(() => ({ body: [healthEntry('w', 'a'), healthEntry('w', 'b')] }))
    await expect(lookUp({ addresses: [address], maxNodes: 1 })).rejects.toThrow(
      failure('resource_exhausted', 'maxNodes'),
    )
  })

  test('an agent that hangs is unavailable after the timeout, and its connection closed', async () => {
    const clock = new VirtualClock()
    const fake = await agent(() => new Promise(() => undefined))
    const asking = lookUp({ addresses: [fake.address], clock, timeoutMs: 700 })
    const refused = expect(asking).rejects.toThrow(failure('unavailable', 'no answer within 700 ms'))
    await fake.asked(1)
    clock.advance(700)
    await refused
    await expect.poll(() => fake.connections).toBe(0)
  })

  test('unsubscribing closes the connection', async () => {
    const fake = await agent(() => new Promise(() => undefined))
    const asking = registry({ addresses: [fake.address] })
      .lookup('w')
      .subscribe()
    await fake.asked(1)
    asking.unsubscribe()
    await expect.poll(() => fake.connections).toBe(0)
  })

  test('a missing package says how to install it', async () => {
    const missing = () => Promise.reject(new Error("Cannot find package 'consul'"))
    await expect(loadConsul(missing)).rejects.toThrow(failure('unavailable', 'npm install consul'))
  })
})

describe('several agents', () => {
  it('the next one is asked when one cannot be reached, and stays the first to be asked', async () => {
    const [dead, second] = [await deadAddress(), await agent(oneNode)]
    const both = registry({ addresses: [dead, second.address] })
    expect(await firstValueFrom(both.lookup('w'))).toEqual(found)
    expect(await firstValueFrom(both.lookup('w'))).toEqual(found)
    expect(second.requests.length).toBe(2)
  })

  it('the next one is asked when one is in trouble', async () => {
    const first = await agent(() => ({ status: 500, body: 'No cluster leader' }))
    const second = await agent(oneNode)
    const both = registry({ addresses: [first.address, second.address] })
    expect(await firstValueFrom(both.lookup('w'))).toEqual(found)
    expect(await firstValueFrom(both.lookup('w'))).toEqual(found)
    expect([first.requests.length, second.requests.length]).toEqual([1, 2])
  })

  it('what one refuses, no other is asked for', async () => {
    const first = await agent(() => ({ status: 403, body: 'Permission denied' }))
    const second = await agent(oneNode)
    await expect(lookUp({ addresses: [first.address, second.address] })).rejects.toThrow(failure('forbidden'))
    expect(second.requests).toEqual([])
  })

  it('when none can answer, the error names all of them', async () => {
    const addresses = [await deadAddress(), await deadAddress()]
    await expect(lookUp({ addresses })).rejects.toThrow(failure('unavailable', ...addresses))
  })
})

describe('TLS', () => {
  const file = (name: string) =>
    readFileSync(new URL(`../../../../support/tls/${name}`, import.meta.url), 'utf8')
  const server = { cert: file('server.pem'), key: file('server.key.pem') }

  it('an agent with a certificate of the given authority is believed', async () => {
    const { address } = await agent(oneNode, server)
    expect(await lookUp({ addresses: [address], tls: { ca: file('ca.pem') } })).toEqual(found)
  })

  it('another one is not', async () => {
    const { address } = await agent(oneNode, server)
    await expect(lookUp({ addresses: [address], tls: {} })).rejects.toThrow(
      failure('unavailable', 'certificate'),
    )
  })

  it('nor one of another name', async () => {
    const { address } = await agent(oneNode, server)
    const tls = { ca: file('ca.pem'), serverName: 'consul.example' }
    await expect(lookUp({ addresses: [address], tls })).rejects.toThrow(
      failure('unavailable', 'consul.example'),
    )
  })

  it('any one is when that was asked for', async () => {
    const { address } = await agent(oneNode, server)
    expect(await lookUp({ addresses: [address], tls: { insecureSkipVerify: true } })).toEqual(found)
  })
})
