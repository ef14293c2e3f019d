import { afterEach, beforeEach, expect, it } from 'vitest'
import { delay, map } from 'rxjs'
import { bidi, work, type Flow, type Service } from 'headrace'
import { http } from 'headrace/adapters/transport/http'
import { createMemoryNetwork, type MemoryNetwork } from '../../../support/memory-network.js'

interface Item {
  readonly n: number
  readonly text: string
}

let network: MemoryNetwork
let client: Service

beforeEach(async () => {
  network = createMemoryNetwork(() => http())
  const server = network.makeService('echo')
  server.handle({
    Echo: {
      Work: bidi((items: Flow<Item>) => items.pipe(work(item => item))),
      Later: bidi((items: Flow<Item>) => items.pipe(work(async item => item, 8))),
      Large: bidi((items: Flow<Item>) => items.pipe(map(({ n }) => ({ n, text: 'x'.repeat(32_768) })))),
      Delayed: bidi((items: Flow<Item>) => items.pipe(delay(0))),
    },
  })
  await server.start()
  client = network.makeService('client')
})
afterEach(() => network.close())

function* items(count: number): Generator<Item> {
  for (let n = 0; n < count; n += 1) yield { n, text: 'x'.repeat(64) }
}

// The reader takes its time at first, so the peer stops reading while requests still come as fast as they can.
it.each([
  ['Work', 20_000],
  ['Later', 20_000],
  ['Large', 2_000],
  ['Delayed', 20_000],
] as const)(
  'an echo that pushes (%s) slows its peer when nobody reads, and loses nothing',
  async (method, count) => {
    const answers = client.client('echo').stream<Item>(`Echo.${method}`, items(count))
    const seen: number[] = []
    for await (const { n } of answers) {
      if (n === 0) await new Promise<void>(resolve => setTimeout(resolve, 300))
      seen.push(n)
    }
    expect(seen.length).toBe(count)
    expect(seen.every((n, at) => method === 'Later' || n === at)).toBe(true)
  },
)
