import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { Subject, count, lastValueFrom } from 'rxjs'
import { afterEach, expect, test } from 'vitest'
import { bidi, work, type Flow } from 'headrace'
import { http } from 'headrace/adapters/transport/http'
import { createMemoryNetwork } from '../../support/memory-network.js'

const network = createMemoryNetwork(() => http())
afterEach(() => network.close())

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

/** Bytes of memory outside of the heap, when what is garbage was collected. */
async function outside(): Promise<number> {
  for (let turn = 0; turn < 5; turn += 1) {
    await new Promise<void>(resolve => setImmediate(resolve))
    collect()
  }
  return process.memoryUsage().arrayBuffers
}

/** How many small messages are held, each among 50 KB of others that are not. */
const held = 200
const large = { text: 'x'.repeat(50_000) }
const small = { text: 'small' }

/** A service whose handlers wait until they are told to go on. */
async function holder() {
  const release: (() => void)[] = []
  const wait = () => new Promise(resolve => release.push(() => resolve({})))
  const server = network.makeService('holder')
  server.handle({
    Holder: {
      Hold: wait,
      Pass: () => ({}),
      Work: bidi((requests: Flow<unknown>) => requests.pipe(work(wait, held))),
    },
  })
  await server.start()
  const client = network.makeService('caller').client('holder')
  /** What the memory outside of the heap grows by when each of many small ones is sent in one piece with a large one. */
  const growth = async (send: () => void) => {
    const before = await outside()
    for (let n = 0; n < held; n += 1) {
      send()
      await client.call('Holder.Pass', large)
    }
    return ((await outside()) - before) / held
  }
  await growth(() => undefined)
  return { client, growth, release }
}

test('small requests that are held keep nothing of what came with them', async () => {
  const { client, growth, release } = await holder()
  const calls: PromiseLike<unknown>[] = []
  const each = await growth(() => calls.push(client.call('Holder.Hold', small, { timeoutMs: 60_000 }).then()))
  console.log(`a call that waits holds ${each.toFixed(0)} bytes of what it came in`)
  expect(release).toHaveLength(held)
  expect(each).toBeLessThan(5_000)
  for (const done of release.splice(0)) done()
  await Promise.all(calls)
})

test('nor do small messages of a stream that are worked on', async () => {
  const { client, growth, release } = await holder()
  const requests = new Subject<unknown>()
  const answers = lastValueFrom(client.stream('Holder.Work', requests).pipe(count()))
  const each = await growth(() => requests.next(small))
  console.log(`a message that is worked on holds ${each.toFixed(0)} bytes of what it came in`)
  expect(release).toHaveLength(held)
  expect(each).toBeLessThan(5_000)
  for (const done of release.splice(0)) done()
  requests.complete()
  expect(await answers).toBe(held)
})
