import { setTimeout as sleep } from 'node:timers/promises'
import { filter, firstValueFrom, timeout } from 'rxjs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createService, type Service, type UntypedClient } from 'headrace'
import { loopbackFlags, startProgram, type Program } from '../support/programs.js'

let node: Program
let clients: readonly Service[]
/** A name of its own, so that nodes of another run on the same network are none of ours. */
const name = `fair-${process.pid}`

beforeAll(async () => {
  clients = ['shared', 'other'].map(each =>
    createService({ name: `fair.${each}`, argv: loopbackFlags, env: {}, log: false }),
  )
  node = startProgram('hang-node', [...loopbackFlags, `--server_name=${name}`])
  await node.line('Registering node')
  for (const client of clients) {
    const there = client.discover(name).pipe(filter(found => found.length === 1))
    await firstValueFrom(there.pipe(timeout(10_000)))
  }
})
afterAll(async () => {
  await Promise.all(clients.map(client => client.close()))
  await node.stop('SIGKILL')
})

interface Item {
  readonly n: number
}

/** A stream that is read one value every `everyMs`, in order; returns how many when it is stopped. */
function slowReader(remote: UntypedClient, everyMs: number) {
  let running = true
  const done = (async () => {
    let next = 0
    for await (const { n } of remote.stream<Item>('Hang.Flood', [{}])) {
      expect(n).toBe(next)
      next += 1
      await sleep(everyMs)
      if (!running) break
    }
    return next
  })()
  return {
    stop: () => {
      running = false
      return done
    },
  }
}

/** Messages in a second of a stream that is read as fast as it comes. */
async function speed(remote: UntypedClient): Promise<number> {
  let [count, started] = [0, 0]
  for await (const { n } of remote.stream<Item>('Hang.Flood', [{}])) {
    if (n === 2_000) [count, started] = [0, performance.now()] // it runs
    count += 1
    if (started > 0 && performance.now() - started > 500) break
  }
  return count / ((performance.now() - started) / 1_000)
}

const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0

test('slow readers of fast streams bound memory at both ends and leave the others on their connection their speed', async () => {
  const [shared, other] = clients.map(client => client.client(name)) as [UntypedClient, UntypedClient]
  for (let n = 0; n < 3; n += 1) for (const each of [shared, other]) await speed(each) // all are warm
  const memory = async () => [
    process.memoryUsage().rss,
    (await other.call<{ rss: number }>('Hang.Memory')).rss,
  ]
  const before = await memory()
  const readers = Array.from({ length: 10 }, () => slowReader(shared, 20))
  const unanswered = async () => {
    const [connection] = (await firstValueFrom((clients[0] as Service).stats)).connections
    expect(connection?.links).toBe(1)
    return connection?.shared[0]?.unanswered.messages ?? 0
  }
  while ((await unanswered()) < 9_000) await sleep(10) // their windows are full
  const [beside, apart]: [number[], number[]] = [[], []]
  for (let round = 0; round < 15; round += 1) {
    beside.push(await speed(shared))
    apart.push(await speed(other)) // on a connection of its own, at the same time of the machine
  }
  const after = await memory()
  const read = await Promise.all(readers.map(reader => reader.stop()))
  expect(Math.min(...read)).toBeGreaterThan(100)
  const [own = 0, peer = 0] = after.map((rss, n) => (rss - (before[n] ?? 0)) / 1_048_576)
  const share = median(beside.map((rate, n) => rate / (apart[n] ?? 1)))
  console.log(
    `${median(apart).toFixed(0)} messages/s on a connection of its own, ${median(beside).toFixed(0)} beside 10 slow readers: ` +
      `${(share * 100).toFixed(0)} %; memory grew by ${own.toFixed(1)} MiB here and ${peer.toFixed(1)} MiB there`,
  )
  expect(share).toBeGreaterThan(0.8)
  expect(Math.max(own, peer)).toBeLessThan(64)
}, 90_000)
