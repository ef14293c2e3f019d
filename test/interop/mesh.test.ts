import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startConsul, type ConsulAgent } from '../support/consul-agent.js'
import { startProgram } from '../support/programs.js'
import { Echo } from './echo.js'
import { loopback, placeFlags, startHeadrace, type HeadraceNode } from './headrace-node.js'
import { startPeer, type Peer } from './peer-process.js'
import { commandOf, mustRun, whyNot } from './programs.js'
import { until } from './until.js'

/** A registration lasts so long; the peers' own is the same. */
const ttlMs = 5_000
const slackMs = 2_000

interface MeshNode {
  readonly pid: number
  kill(): Promise<void>
}

/** Somebody who calls the nodes of the mesh. */
interface Caller {
  readonly name: string
  /** The addresses of the nodes that it sees. */
  nodes(): Promise<readonly string[]>
  /** The process that answers the next call. */
  who(): Promise<number>
}

const kinds = ['go-micro 2017', 'go-micro 1.18', 'headrace'] as const
const reason = whyNot('go-micro 2017', 'consul') ?? whyNot('go-micro 1.18', 'consul')

describe('a service with a node of each kind', () => {
  const ends: (() => Promise<unknown>)[] = []
  const members = new Map<(typeof kinds)[number], MeshNode>()
  let agent: ConsulAgent
  let callers: readonly Caller[] = []

  const started = async (kind: (typeof kinds)[number]): Promise<MeshNode> => {
    const flags = ['--server_name=mesh', ...loopback, ...placeFlags('consul', agent.address)]
    if (kind !== 'headrace') {
      const peer = await startPeer(commandOf(kind), flags)
      ends.push(() => peer.stop())
      return { pid: peer.pid, kill: () => peer.stop('SIGKILL') }
    }
    const program = startProgram('mesh-node', [...flags, '--register_ttl=5s', '--register_interval=2s'])
    ends.push(() => program.stop('SIGTERM'))
    await program.line('serving')
    return { pid: program.child.pid ?? 0, kill: async () => void (await program.stop('SIGKILL')) }
  }

  beforeAll(async () => {
    if (reason !== undefined && !mustRun) return
    agent = await startConsul()
    ends.push(() => agent.stop())
    for (const kind of kinds) members.set(kind, await started(kind))
    const node = await startHeadrace('mesh.headrace', 'consul', agent.address)
    ends.push(() => node.service.close({ lingerMs: 0 }))
    const goCallers = await Promise.all(
      (['go-micro 2017', 'go-micro 1.18'] as const).map(async kind => {
        const flags = [`--server_name=mesh.caller`, ...loopback, ...placeFlags('consul', agent.address)]
        const peer = await startPeer(commandOf(kind), flags)
        ends.push(() => peer.stop())
        return goCaller(kind, peer)
      }),
    )
    callers = [headraceCaller(node, ends), ...goCallers]
  }, 60_000)

  afterAll(async () => {
    for (const end of ends.reverse()) await end()
  }, 30_000)

  it.for(kinds)(
    'when the one of %s is killed, every caller notices, and the others answer',
    { timeout: 60_000 },
    async (kind, context) => {
      context.skip(reason !== undefined && !mustRun, reason)
      const victim = members.get(kind)
      const left = kinds.flatMap(each => (each === kind ? [] : (members.get(each)?.pid ?? [])))
      for (const caller of callers) {
        await until(
          async () => (await caller.nodes()).length === 3,
          () => `${caller.name} sees three nodes`,
        )
        await answeredBy(
          caller,
          kinds.map(each => members.get(each)?.pid ?? 0),
        )
      }
      const killed = Date.now()
      await victim?.kill()
      // Until the registration has run out, Go callers may fail. headrace tries another node.
      const answers = Array.from({ length: 50 }, async () => callers[0]?.who())
      expect(left).toEqual(expect.arrayContaining([...new Set(await Promise.all(answers))]))
      await Promise.all(
        callers.map(async caller => {
          await until(
            async () => (await caller.nodes()).length === 2,
            () => `${caller.name} sees that ${kind} is gone`,
          )
          expect(Date.now() - killed).toBeLessThanOrEqual(ttlMs + slackMs)
          await answeredBy(caller, left)
        }),
      )
      members.set(kind, await started(kind))
    },
  )
})

/** Calls until each of these processes has answered and no other one, 40 times in a row without a failure. */
async function answeredBy(caller: Caller, pids: readonly number[]): Promise<void> {
  let seen: number[] = []
  await until(
    async () => {
      seen = []
      for (let call = 0; call < 40; call += 1) seen.push(await caller.who().catch(() => 0))
      return pids.every(pid => seen.includes(pid)) && seen.every(pid => pids.includes(pid))
    },
    () => `${caller.name} is answered by ${pids.join(', ')}; it was by ${[...new Set(seen)].join(', ')}`,
  )
}

function headraceCaller({ service }: HeadraceNode, ends: (() => Promise<unknown>)[]): Caller {
  let addresses: readonly string[] = []
  const watching = service
    .discover('mesh')
    .subscribe(nodes => (addresses = nodes.map(({ address }) => address)))
  ends.push(async () => watching.unsubscribe())
  const echo = service.client(Echo, 'mesh')
  return {
    name: 'headrace',
    nodes: async () => addresses,
    who: async () => Number((await echo.who({}, { contentType: 'application/protobuf' })).number),
  }
}

function goCaller(name: string, peer: Peer): Caller {
  const call = {
    do: 'call',
    service: 'mesh',
    endpoint: 'Echo.Who',
    contentType: 'application/protobuf',
  } as const
  return {
    name,
    nodes: async () =>
      (await peer.tell({ do: 'nodes', service: 'mesh' })).nodes.map(({ address }) => address),
    who: async () => {
      const { values, error } = await peer.tell(call)
      if (error !== undefined) throw new Error(error)
      return Number(values[0]?.number)
    },
  }
}
