import { afterEach, expect, test } from 'vitest'
import { firstValueFrom } from 'rxjs'
import { bidi, type Context, type Flow } from 'headrace'
import { createTransportHub, memory } from 'headrace/adapters/transport/memory'
import { createMemoryNetwork } from '../../support/memory-network.js'

const hub = createTransportHub()
const network = createMemoryNetwork(() => memory({ hub, callsPerLink: 2 }))
afterEach(() => network.close())

test('a call that is cancelled on a shared link makes room for one that waits; a stream closes its link', async () => {
  const server = network.makeService('test')
  let called = 0
  let full: () => void = () => undefined
  const both = new Promise<void>(resolve => (full = resolve))
  server.handle({
    Test: {
      Wait: (_: unknown, { signal }: Context) => {
        called += 1
        if (called === 2) full()
        return new Promise(resolve => signal.addEventListener('abort', resolve))
      },
      Say: () => ({ said: true }),
      Echo: bidi((requests: Flow<unknown>) => requests),
    },
  })
  await server.start()
  const caller = network.makeService('caller', { maxConnectionsPerNode: 1 })
  const client = caller.client('test')
  const waiting = [1, 2].map(() => client.call('Test.Wait').subscribe({ error: () => undefined }))
  await both
  const third = Promise.resolve(client.call('Test.Say'))
  await new Promise<void>(resolve => setImmediate(resolve))
  expect((await firstValueFrom(caller.stats)).connections).toMatchObject([{ links: 1, waiting: 1 }])
  waiting[0]?.unsubscribe()
  expect(await third).toEqual({ said: true })
  waiting[1]?.unsubscribe()

  for await (const answer of client.stream('Test.Echo', [1])) expect(answer).toBe(1)
  await new Promise<void>(resolve => setTimeout(resolve, 5))
  expect((await firstValueFrom(server.stats)).server).toMatchObject({ inFlight: 0 })
})
