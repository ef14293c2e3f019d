import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** The Consul program: one on the PATH, or what scripts/install-consul.sh has unpacked; `undefined` where there is none. */
function findConsul(): string | undefined {
  if (spawnSync('consul', ['version'], { stdio: 'ignore' }).status === 0) return 'consul'
  const cache = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache')
  const unpacked = join(cache, 'headrace', 'consul', 'consul')
  return existsSync(unpacked) ? unpacked : undefined
}

/** Why the tests with a real agent are skipped here, or `undefined` when they run. With CI=true a missing agent fails them instead. */
export const noConsul =
  findConsul() === undefined && process.env['CI'] !== 'true'
    ? 'there is no consul on the PATH; bash scripts/install-consul.sh fetches one'
    : undefined

/** A Consul agent as a process of its own, a server of one that keeps its data over restarts. Loopback only, on free ports. */
export interface ConsulAgent {
  /** `host:port` of its HTTP interface. */
  readonly address: string
  readonly pid: number
  /** Ends the process with SIGKILL. */
  kill(): Promise<void>
  /** Starts it again, on the same ports with the same data, and waits until it answers. */
  start(): Promise<void>
  /** Ends it for good and removes its data. */
  stop(): Promise<void>
}

/** Starts an agent and waits until it has a leader. */
export async function startConsul(): Promise<ConsulAgent> {
  const program = findConsul()
  if (program === undefined)
    throw new Error('no consul on the PATH, and none in the cache: run bash scripts/install-consul.sh')
  const data = await mkdtemp(join(tmpdir(), 'headrace-consul-'))
  const [http = 0, server = 0, serf = 0] = await freePorts(3)
  const address = `127.0.0.1:${http}`
  let child: ChildProcess | undefined

  const kill = async () => {
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    const gone = once(child, 'exit')
    child.kill('SIGKILL')
    await gone
  }
  const start = async () => {
    child = spawn(program, agentArgs(data, { http, server, serf }), { stdio: ['ignore', 'pipe', 'pipe'] })
    await untilLeader(address, child)
  }
  await start()
  return {
    address,
    get pid() {
      return child?.pid ?? 0
    },
    kill,
    start,
    stop: async () => {
      await kill()
      await rm(data, { recursive: true, force: true })
    },
  }
}

interface Ports {
  readonly http: number
  readonly server: number
  readonly serf: number
}

function agentArgs(data: string, { http, server, serf }: Ports): string[] {
  return [
    'agent',
    '-server',
    '-bootstrap-expect=1',
    `-data-dir=${data}`,
    '-node=headrace-test',
    '-bind=127.0.0.1',
    '-client=127.0.0.1',
    `-http-port=${http}`,
    `-server-port=${server}`,
    `-serf-lan-port=${serf}`,
    '-serf-wan-port=-1',
    '-dns-port=-1',
    '-grpc-port=-1',
    // One round trip of raft as fast as in dev mode: a leader after a tenth of a second, not after ten.
    '-hcl=performance { raft_multiplier = 1 }',
    '-hcl=disable_update_check = true',
    '-hcl=limits { http_max_conns_per_client = 1000 }',
    '-log-level=warn',
  ]
}

async function untilLeader(address: string, child: ChildProcess): Promise<void> {
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', chunk => (output += String(chunk)))
  const limit = Date.now() + 30_000
  for (;;) {
    if (child.exitCode !== null || Date.now() > limit)
      throw new Error(`consul at ${address} did not get ready:\n${output}`)
    if (await hasLeader(address)) return
    await sleep(50)
  }
}

/** A leader that cannot write yet has no nodes. */
async function hasLeader(address: string): Promise<boolean> {
  try {
    const answer = await fetch(`http://${address}/v1/catalog/nodes`, { signal: AbortSignal.timeout(2_000) })
    return answer.ok && ((await answer.json()) as readonly unknown[]).length > 0
  } catch {
    return false
  }
}

/**
 * Ports where nothing listens, outside the range that systems give to outgoing connections: an agent that is restarted must find its ports free.
 */
async function freePorts(count: number): Promise<readonly number[]> {
  const ports = new Set<number>()
  while (ports.size < count) {
    const port = 20_000 + Math.floor(Math.random() * 10_000)
    if (await isFree(port)) ports.add(port)
  }
  return [...ports]
}

function isFree(port: number): Promise<boolean> {
  const server = createServer()
  return new Promise(resolve => {
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}
