import { concatMap, firstValueFrom } from 'rxjs'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { Service } from 'headrace'
import { http } from 'headrace/adapters/transport/http'
import { createMemoryNetwork, type MemoryNetwork } from '../../support/memory-network.js'
import { dialRaw } from '../../support/raw-peer.js'

let network: MemoryNetwork
beforeEach(() => {
  network = createMemoryNetwork(() => http())
})
afterEach(() => network.close())

/** What those are told who ask whether it may get calls: by HTTP, with and without a body, and by go-micro's call. */
async function healthOf({ address = '' }: Service, client: Service): Promise<readonly unknown[]> {
  const peer = await dialRaw(address)
  const ask = async (line: string) => {
    peer.write(`${line} HTTP/1.1\r\nHost: x\r\n\r\n`)
    return peer.message()
  }
  const health = await ask('GET /health')
  const status = await ask('HEAD /health')
  const alive = await ask('GET /')
  peer.destroy()
  const debug = await client.client('shop').call<{ status: string }>('Debug.Health', {}, { address })
  const lines = [health, status, alive].map(({ start }) => start.replace('HTTP/1.1 ', ''))
  return [...lines, JSON.parse(health.body.toString()), debug.status]
}

it('a service is well as soon as it can be found', async () => {
  const near = createMemoryNetwork()
  const client = near.makeService('client')
  const ask = (address: string) =>
    client.client('shop').call<{ status: string }>('Debug.Health', {}, { address })
  const first = firstValueFrom(
    client.discover('shop').pipe(
      concatMap(nodes => nodes),
      concatMap(({ address }) => ask(address)),
    ),
  )
  await near.makeService('shop').start()
  expect(await first).toEqual({ status: 'ok' })
  await near.close()
})

it('a service says whether it should get calls: while it starts, runs, and is being stopped', async () => {
  const client = network.makeService('client')
  const seen: Record<string, readonly unknown[]> = {}
  const look = (when: string) => async () => void (seen[when] = await healthOf(service, client))
  const service = network.makeService('shop', {
    hooks: { afterStart: [look('starting')], beforeStop: [look('stopping')] },
  })
  service.handle({ Shop: { Order: () => 'placed' } })
  await service.start()
  await look('running')()
  await service.close({ lingerMs: 0 })
  const unwell = (summary: string, reason: string) => ({
    summary,
    details: [{ name: 'life', status: summary, reason }],
  })
  const [well, not] = ['200 OK', '503 Service Unavailable']
  expect(seen).toEqual({
    starting: [not, not, well, unwell('CRITICAL', 'the service is starting'), 'starting'],
    running: [well, well, well, { summary: 'OK', details: [] }, 'ok'],
    stopping: [
      not,
      not,
      well,
      unwell('DEGRADED', 'the service is being stopped and takes no new calls'),
      'draining',
    ],
  })
})
