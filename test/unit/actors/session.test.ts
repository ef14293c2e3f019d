import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { map, takeWhile } from 'rxjs'
import { bidi, type Service } from 'headrace'
import { http } from 'headrace/adapters/transport/http'
import type { Flow } from 'headrace/streams'
import { createMemoryNetwork, type MemoryNetwork } from '../../support/memory-network.js'
import { dialRaw, type RawPeer } from '../../support/raw-peer.js'

let network: MemoryNetwork
let service: Service
let peer: RawPeer
let ran: string[]
let release: ((greeting: string) => void) | undefined

beforeEach(async () => {
  network = createMemoryNetwork(() => http())
  service = network.makeService('greeter')
  ran = []
  release = undefined
  service.handle({
    Greeter: {
      Hello: ({ name }: { name: string }) => {
        ran.push(name)
        return { greeting: `Hello ${name}` }
      },
      Slow: () => new Promise(resolve => (release = greeting => resolve({ greeting }))),
      // Until a count of 0.
      Double: bidi((counts: Flow<{ count: number }>) =>
        counts.pipe(
          takeWhile(({ count }) => count > 0),
          map(({ count }) => ({ count: count * 2 })),
        ),
      ),
    },
  })
  await service.start()
  peer = await dialRaw(service.address ?? '')
})

afterEach(async () => {
  peer.destroy()
  await network.close()
})

function request(method: string, param: object, id: number, contentType = 'application/json'): string {
  const body = JSON.stringify({ method, params: [param], id })
  return `POST / HTTP/1.1\r\nContent-Type: ${contentType}\r\nContent-Length: ${body.length}\r\n\r\n${body}`
}

async function bodies(count: number): Promise<unknown[]> {
  const read: unknown[] = []
  while (read.length < count) read.push(JSON.parse((await peer.message()).body.toString()))
  return read
}

describe('session', () => {
  it('runs nothing behind a request that ended its output', async () => {
    peer.write(request('Greeter.Hello', {}, 1, 'text/html') + request('Greeter.Hello', { name: 'late' }, 2))
    expect((await peer.message()).body.toString()).toBe('Unsupported Content-Type: text/html')
    expect(await peer.ended()).toHaveLength(0)
    expect(ran).toEqual([])
  })

  it('runs nothing behind a request that ended its output while others waited', async () => {
    peer.write(request('Greeter.Slow', {}, 1) + request('Greeter.Hello', {}, 2, 'text/html'))
    peer.write(request('Greeter.Hello', { name: 'late' }, 3))
    await untilSlowRuns()
    release?.('at last')
    expect(await bodies(1)).toEqual([{ id: 1, result: { greeting: 'at last' }, error: null }])
    expect((await peer.message()).body.toString()).toBe('Unsupported Content-Type: text/html')
    expect(await peer.ended()).toHaveLength(0)
    expect(ran).toEqual([])
  })

  it('hands a stream the items that came with its opening while an earlier call ran', async () => {
    const items = [1, 2, 3].map(count => request('Greeter.Double', { count }, 10 + count)).join('')
    peer.write(request('Greeter.Slow', {}, 1) + request('Greeter.Double', {}, 10) + items)
    peer.end()
    await untilSlowRuns()
    release?.('at last')
    expect(await bodies(5)).toEqual([
      { id: 1, result: { greeting: 'at last' }, error: null },
      { id: 11, result: { count: 2 }, error: null },
      { id: 12, result: { count: 4 }, error: null },
      { id: 13, result: { count: 6 }, error: null },
      { id: 10, result: {}, error: 'EOS' },
    ])
    expect(await peer.ended()).toHaveLength(0)
  })

  it('opens a stream again after a call of another endpoint', async () => {
    peer.write(request('Greeter.Double', {}, 1) + request('Greeter.Double', { count: 0 }, 2))
    expect(await bodies(1)).toEqual([{ id: 1, result: {}, error: 'EOS' }])
    peer.write(request('Greeter.Hello', { name: 'John' }, 3) + request('Greeter.Double', {}, 4))
    peer.write(request('Greeter.Double', { count: 4 }, 5))
    expect(await bodies(2)).toEqual([
      { id: 3, result: { greeting: 'Hello John' }, error: null },
      { id: 5, result: { count: 8 }, error: null },
    ])
  })
})

async function untilSlowRuns(): Promise<void> {
  await expect.poll(() => release, { interval: 1 }).toBeDefined()
}
