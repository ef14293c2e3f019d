import { filter, firstValueFrom, take, timeout } from 'rxjs'
import { afterEach, describe, expect, test } from 'vitest'
import { bidi, createService, type Flow, type Service } from 'headrace'
import { http } from 'headrace/adapters/transport/http'
import { runCycles, type CycleReport } from '../support/live-objects.js'
import { createMemoryNetwork, type MemoryNetwork } from '../support/memory-network.js'
import { loopbackFlags, startProgram } from '../support/programs.js'

interface Count {
  readonly n: number
}

let network: MemoryNetwork | undefined
let client: Service | undefined
afterEach(async () => {
  await client?.close()
  await network?.close()
})

/** A served network in which cycles come and go. */
async function serve(made: MemoryNetwork): Promise<MemoryNetwork> {
  network = made
  const server = made.makeService('leaks')
  server.handle({
    Leaks: {
      Call: ({ n }: Count) => ({ n }),
      Never: () => new Promise<never>(() => undefined),
      Talk: bidi((requests: Flow<Count>) => requests),
    },
  })
  await server.start()
  return made
}

/** Connect, call, stream, leave a stream early, cancel a call, and abort the connection with a call on it. */
async function cycle(made: MemoryNetwork): Promise<void> {
  const caller = made.makeOwnService('caller')
  const remote = caller.client('leaks')
  await remote.call('Leaks.Call', { n: 1 })
  for await (const _ of remote.stream('Leaks.Talk', [{ n: 1 }, { n: 2 }])) continue
  await firstValueFrom(remote.stream('Leaks.Talk', [{ n: 1 }, { n: 2 }]).pipe(take(1)))
  const cancelled = remote.call('Leaks.Never').subscribe({ error: () => undefined })
  cancelled.unsubscribe()
  const lost = remote.call('Leaks.Never', {}, { timeoutMs: 60_000 }).subscribe({ error: () => undefined })
  await caller.close({ timeoutMs: 0 })
  lost.unsubscribe()
}

/** Cycles beside each other, so that the waits of one are filled by others. */
function atOnce(count: number, run: () => Promise<void>): Promise<unknown> {
  return Promise.all(Array.from({ length: count }, run))
}

function expectNothingLeft({ before, after, heapGrowth }: CycleReport): void {
  const { heapBytes: _, ...left } = after
  const { heapBytes: __, ...there } = before
  console.log(`before ${JSON.stringify(before)}, after ${JSON.stringify(after)}, heap grew by ${heapGrowth}`)
  expect(left).toEqual(there)
  expect(heapGrowth).toBeLessThan(1024 * 1024)
}

describe('cycles leave nothing behind', () => {
  test('10,000 over memory', async () => {
    const made = await serve(createMemoryNetwork())
    expectNothingLeft(await runCycles(400, () => atOnce(25, () => cycle(made))))
  })

  test('1,000 over http', async () => {
    const made = await serve(createMemoryNetwork(() => http()))
    expectNothingLeft(await runCycles(100, () => atOnce(10, () => cycle(made))))
  })

  test('20 nodes killed', async () => {
    const caller = createService({ name: 'caller', argv: loopbackFlags, env: {}, log: false })
    client = caller
    const kill = async (name: string) => {
      const count = (nodes: number) =>
        firstValueFrom(
          caller.discover(name).pipe(
            filter(found => found.length === nodes),
            timeout(10_000),
          ),
        )
      const flags = [...loopbackFlags, `--server_name=${name}`, '--register_ttl=1', '--register_interval=0.3']
      const node = startProgram('load-node', flags, { LOAD_LOG: '/dev/null' })
      await count(1)
      await Promise.all(Array.from({ length: 8 }, async () => caller.client(name).call('Load.Ask')))
      await node.stop('SIGKILL')
      await count(0)
    }
    const names = ['a', 'b', 'c', 'd'].map(letter => `leaks-${process.pid}-${letter}`)
    expectNothingLeft(await runCycles(5, () => Promise.all(names.map(kill)), 1))
  })

  test('a planted leak is seen: a socket, a timer, a subscription, and the heap', async () => {
    const kept: unknown[] = []
    const made = await serve(createMemoryNetwork())
    const caller = made.makeService('keeper')
    const leak = async () => {
      kept.push(caller.discover('leaks').subscribe(), new Array<number>(50_000).fill(1))
      await caller.client('leaks').call('Leaks.Call', { n: 1 })
    }
    const { before, after, heapGrowth } = await runCycles(50, leak)
    expect(after.subscriptions).toBeGreaterThan(before.subscriptions + 49)
    expect(heapGrowth).toBeGreaterThan(1024 * 1024)
  })
})
