import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { filter, firstValueFrom, timeout } from 'rxjs'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createService, type Service } from 'headrace'
import { loopbackFlags, startProgram, type Program } from '../support/programs.js'

let directory: string
let nodes: Program[]
let clients: Service[]

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'headrace-load-'))
  nodes = []
  clients = [1, 2].map(n => createService({ name: `client-${n}`, argv: loopbackFlags, env: {}, log: false }))
})
afterEach(async () => {
  await Promise.all(clients.map(client => client.close()))
  await Promise.all(nodes.map(node => node.stop('SIGKILL')))
  rmSync(directory, { recursive: true, force: true })
})

/** A name of its own, so that nodes of another run on the same network are none of ours. */
const service = `load-${process.pid}`

async function startNode(number: number, flags: readonly string[] = []): Promise<Program> {
  const node = startProgram('load-node', [...loopbackFlags, `--server_name=${service}`, ...flags], {
    LOAD_LOG: join(directory, `node-${number}.log`),
  })
  nodes.push(node)
  await node.line('Registering node')
  return node
}

function nodeCount(client: Service, count: number, ms: number) {
  const seen = client.discover(service).pipe(filter(found => found.length === count))
  return firstValueFrom(seen.pipe(timeout(ms)))
}

/** Keeps `lanes` calls in flight until it is stopped; collects what failed. */
function load(client: Service, endpoint: string, lanes: number, idempotent: boolean) {
  const remote = client.client(service)
  const made: string[] = []
  const failures: unknown[] = []
  let running = true
  const lane = async (number: number) => {
    while (running) {
      const id = `${client.name}/${number}/${made.length}`
      made.push(id)
      await remote.call(endpoint, { id }, { idempotent }).catch((error: unknown) => failures.push(error))
    }
  }
  const lanesDone = Promise.all(Array.from({ length: lanes }, (_, number) => lane(number)))
  return {
    made,
    failures,
    stop: async () => {
      running = false
      await lanesDone
    },
  }
}

test('three nodes restarted one after another under load: no call fails, no handler runs twice', async () => {
  for (const number of [1, 2, 3]) await startNode(number)
  await Promise.all(clients.map(client => nodeCount(client, 3, 5_000)))
  const loads = clients.map(client => load(client, 'Load.Work', 32, false))
  for (const number of [1, 2, 3]) {
    const old = nodes.shift()
    expect(await old?.stop('SIGTERM')).toBe(0)
    await startNode(number + 3)
    await Promise.all(clients.map(client => nodeCount(client, 3, 5_000)))
  }
  await Promise.all(loads.map(each => each.stop()))

  expect(loads.flatMap(each => each.failures)).toEqual([])
  const made = loads.flatMap(each => each.made)
  const ran = [1, 2, 3, 4, 5, 6].flatMap(readLog)
  console.log(`${made.length} calls, ${ran.length} handled by 6 nodes`)
  expect(made.length).toBeGreaterThan(1_000)
  expect(ran.length).toBe(made.length)
  expect(new Set(ran).size).toBe(made.length)
})

/** What a node has handled; a node that got no call in its time has no file. */
function readLog(number: number): string[] {
  const file = join(directory, `node-${number}.log`)
  return existsSync(file) ? readFileSync(file, 'utf8').trimEnd().split('\n') : []
}

test('a node killed with -9: idempotent calls do not fail, and it leaves every list within its TTL and a second', async () => {
  const ttlMs = 2_000
  for (const number of [1, 2, 3]) await startNode(number, ['--register_ttl=2', '--register_interval=1'])
  await Promise.all(clients.map(client => nodeCount(client, 3, 5_000)))
  const loads = clients.map(client => load(client, 'Load.Ask', 32, true))
  const killed = nodes.pop()
  await killed?.stop('SIGKILL')
  const at = performance.now()
  await Promise.all(clients.map(client => nodeCount(client, 2, ttlMs + 1_000)))
  console.log(`the dead node left both lists after ${Math.round(performance.now() - at)} ms`)
  await Promise.all(loads.map(each => each.stop()))
  expect(loads.flatMap(each => each.failures)).toEqual([])
})
