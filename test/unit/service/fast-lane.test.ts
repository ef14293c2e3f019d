import { firstValueFrom, interval } from 'rxjs'
import { afterEach, expect, test } from 'vitest'
import { serverStream } from 'headrace'
import { http } from 'headrace/adapters/transport/http'
import { createMemoryNetwork } from '../../support/memory-network.js'

const network = createMemoryNetwork(() => http())
afterEach(() => network.close())

test('10,000 calls started in one turn before there is a connection share one; closing ends an endless stream at once', async () => {
  const server = network.makeService('many')
  server.handle({
    Many: { Echo: ({ n }: { n: number }) => ({ n }), Endless: serverStream(() => interval(5)) },
  })
  await server.start()
  const client = network.makeOwnService('caller')
  const many = client.client('many')
  const numbers = Array.from({ length: 10_000 }, (_, n) => n)
  const calls = numbers.map(n => many.call<{ n: number }>('Many.Echo', { n }, { timeoutMs: 20_000 }))
  expect((await Promise.all(calls)).map(({ n }) => n)).toEqual(numbers)
  const seen: unknown[] = []
  const ended = new Promise<unknown>(resolve =>
    many.stream('Many.Endless', [{}]).subscribe({
      next: value => seen.push(value),
      error: (error: unknown) => resolve(error),
    }),
  )
  while (seen.length < 3) await new Promise(resolve => setTimeout(resolve, 5))
  expect((await firstValueFrom(server.stats)).server?.connections).toBe(1)
  const started = performance.now()
  await client.close()
  expect(performance.now() - started).toBeLessThan(2_000)
  expect(await ended).toMatchObject({ kind: 'unavailable' })
})
