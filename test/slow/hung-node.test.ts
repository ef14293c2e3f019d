import { setTimeout as sleep } from 'node:timers/promises'
import { filter, firstValueFrom, timeout } from 'rxjs'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createService, type Service, type ServiceNode } from 'headrace'
import { loopbackFlags, startProgram, type Program } from '../support/programs.js'

interface Answer {
  readonly node: string
}

let nodes: Program[]
let client: Service
/** A name of its own, so that nodes of another run on the same network are none of ours. */
const name = `hang-${process.pid}`

beforeEach(() => {
  nodes = []
  client = createService({ name: 'hang.client', argv: loopbackFlags, env: {}, log: false })
})
afterEach(async () => {
  for (const { child } of nodes) child.kill('SIGCONT')
  await client.close()
  await Promise.all(nodes.map(node => node.stop('SIGKILL')))
})

async function start(id: string): Promise<Program> {
  const node = startProgram('hang-node', [...loopbackFlags, `--server_name=${name}`, `--server_id=${id}`])
  nodes.push(node)
  await node.line('Registering node')
  return node
}

const known = (count: number) =>
  firstValueFrom(
    client.discover(name).pipe(
      filter(found => found.length === count),
      timeout(10_000),
    ),
  )

const only = (id: string) => (node: ServiceNode) => node.id.endsWith(`-${id}`)
const ask = (options = {}) => client.client(name).call<Answer>('Hang.Who', {}, options)
const slow = (ms: number, options = {}) => client.client(name).call<Answer>('Hang.Slow', { ms }, options)
const kindOf = (error: unknown) => (error as { kind?: string }).kind

/** Calls all the time, and notes which node answered, or what the call failed with, and how long it took. */
function callAllTheTime() {
  const calls: { at: number; ms: number; by: string }[] = []
  let running = true
  const one = async () => {
    const at = performance.now()
    const by = await ask({ timeoutMs: 30_000 }).then(({ node }) => node, kindOf)
    calls.push({ at, ms: performance.now() - at, by: String(by) })
  }
  const under: Promise<void>[] = []
  const done = (async () => {
    while (running) {
      under.push(one())
      await sleep(10)
    }
    await Promise.all(under)
  })()
  return {
    calls,
    /** What was begun since. */
    since: (at: number) => calls.filter(call => call.at >= at),
    stop: async () => {
      running = false
      await done
    },
  }
}

/** Waits until the node answers a call again that was free to choose, and says how long that took. */
async function backAfter(id: string): Promise<number> {
  const started = performance.now()
  while (!only(id)({ id: (await ask()).node } as ServiceNode)) await sleep(1)
  return performance.now() - started
}

test('a hung node is not picked after 3 s, idempotent calls to it move, others wait, and it is back when it answers', async () => {
  const [hung] = [await start('a'), await start('b')]
  await known(2)
  await Promise.all(['a', 'b'].map(id => ask({ filter: only(id) })))
  const load = callAllTheTime()
  const toBoth = Array.from({ length: 40 }, () => slow(1_000, { idempotent: true, timeoutMs: 20_000 }))
  const moving = Promise.all(toBoth.map(each => Promise.resolve(each)))
  const waiting = Promise.all(
    Array.from({ length: 20 }, () => slow(1_000, { filter: only('a'), timeoutMs: 20_000 })),
  )
  await sleep(100)
  hung.child.kill('SIGSTOP')
  const stopped = performance.now()
  const moved = (await moving).filter(({ node }) => node.endsWith('-b')).length
  const movedAfter = performance.now() - stopped
  console.log(`${moved} of 40 calls answered by the other node, all after ${movedAfter.toFixed(0)} ms`)
  expect(moved).toBe(40)
  expect(movedAfter).toBeLessThan(5_000)
  await sleep(Math.max(0, 7_000 - movedAfter))
  const afterThree = load.since(stopped + 3_000)
  console.log(
    `${afterThree.length} calls begun between 3 and 7 s, the slowest took ${slowest(afterThree)} ms`,
  )
  expect(afterThree.length).toBeGreaterThan(100)
  expect(afterThree.filter(({ by, ms }) => !by.endsWith('-b') || ms > 1_000)).toEqual([])
  hung.child.kill('SIGCONT')
  const back = await backAfter('a')
  console.log(`picked again after ${back.toFixed(0)} ms`)
  expect(back).toBeLessThan(2_500)
  expect(new Set((await waiting).map(({ node }) => node.slice(-2)))).toEqual(new Set(['-a']))
  await load.stop()
  expect(load.calls.filter(({ by }) => !/-[ab]$/.test(by))).toEqual([])
}, 60_000)

test('a dead node: what is pending fails, no call has to find out that it is still hung, and it is back when it answers', async () => {
  const [hung] = [await start('a'), await start('b')]
  await known(2)
  await Promise.all(['a', 'b'].map(id => ask({ filter: only(id) })))
  const pending = Array.from({ length: 20 }, () => slow(1_000, { filter: only('a'), timeoutMs: 30_000 }))
  const outcomes = Promise.all(pending.map(each => each.then(() => 'answered', kindOf)))
  await sleep(100)
  hung.child.kill('SIGSTOP')
  const stopped = performance.now()
  expect(new Set(await outcomes)).toEqual(new Set(['unavailable']))
  const dead = performance.now() - stopped
  console.log(`what was pending failed after ${dead.toFixed(0)} ms`)
  expect(dead).toBeGreaterThan(9_000)
  expect(dead).toBeLessThan(14_000)
  const load = callAllTheTime()
  await sleep(12_000)
  const calls = load.since(0)
  console.log(`${calls.length} calls in 12 s beside a dead node, the slowest took ${slowest(calls)} ms`)
  expect(calls.filter(({ by, ms }) => !by.endsWith('-b') || ms > 1_000)).toEqual([])
  hung.child.kill('SIGCONT')
  const back = await backAfter('a')
  console.log(`picked again after ${back.toFixed(0)} ms`)
  expect(back).toBeLessThan(5_000)
  await load.stop()
}, 90_000)

test('a node that is busy for 3 s loses no call', async () => {
  await start('a')
  await known(1)
  await ask()
  const calls = Array.from({ length: 200 }, (_, n) =>
    slow(n * 10, { timeoutMs: 20_000, idempotent: n % 2 === 0 }),
  )
  const outcomes = Promise.all(calls.map(each => Promise.resolve(each)))
  await sleep(50)
  const started = performance.now()
  await client.client(name).call('Hang.Block', { ms: 3_000 }, { timeoutMs: 20_000 })
  expect(performance.now() - started).toBeGreaterThan(2_900)
  expect(await outcomes).toHaveLength(200)
}, 30_000)

function slowest(calls: readonly { ms: number }[]): string {
  return Math.max(...calls.map(({ ms }) => ms)).toFixed(0)
}
