import { setTimeout as sleep } from 'node:timers/promises'
import { createService, defineService, rpc, type Service, type ServiceOptions } from 'headrace'
import type { ConsulAgent } from './consul-agent.js'

const Echo = defineService('Echo', { say: rpc.unary<{ text: string }, { text: string }>() })

/** A service of this process that registers at the agent, as the command line would have it. */
export function consulService(
  agent: ConsulAgent,
  name: string,
  options: Partial<ServiceOptions> = {},
): Service {
  const argv = [
    '--registry=consul',
    `--registry_address=${agent.address}`,
    '--server_address=127.0.0.1:0',
    '--broker_address=127.0.0.1:0',
  ]
  return createService({ name, argv, env: {}, log: false, ...options })
}

/** What became of the calls that were made while an agent was away. */
export interface OutageReport {
  readonly calls: number
  readonly failures: readonly unknown[]
  /** The lengths of the list of nodes that the caller saw, without repetitions. */
  readonly nodes: readonly number[]
}

/**
 * Four callers call two nodes, one call after the other, while the agent is killed, stays away for `outageMs`, and is started again; and for a second before
 * and after that.
 */
export async function callThroughOutage(agent: ConsulAgent, outageMs: number): Promise<OutageReport> {
  const nodes = [consulService(agent, 'echo'), consulService(agent, 'echo')]
  const caller = consulService(agent, 'echo.caller')
  const seen: number[] = []
  try {
    for (const node of nodes) {
      node.handle(Echo, { say: ({ text }) => ({ text }) })
      await node.start()
    }
    const watching = caller.discover('echo').subscribe(({ length }) => seen.push(length))
    const ending = new AbortController()
    const calling = Array.from({ length: 4 }, () => callUntil(caller, ending.signal))
    await sleep(1_000)
    await agent.kill()
    await sleep(outageMs)
    await agent.start()
    await sleep(1_000)
    ending.abort()
    const reports = await Promise.all(calling)
    watching.unsubscribe()
    return {
      calls: reports.reduce((sum, { calls }) => sum + calls, 0),
      failures: reports.flatMap(({ failures }) => failures),
      nodes: seen.filter((length, at) => length !== seen[at - 1]),
    }
  } finally {
    await Promise.all([...nodes, caller].map(service => service.close({ lingerMs: 0 })))
  }
}

async function callUntil(caller: Service, ending: AbortSignal) {
  const echo = caller.client(Echo, 'echo')
  const failures: unknown[] = []
  let calls = 0
  while (!ending.aborted) {
    calls += 1
    await echo.say({ text: String(calls) }).then(undefined, (error: unknown) => failures.push(error))
    await sleep(1)
  }
  return { calls, failures }
}

/** The ids of all services that the agent has. */
export async function idsAt(agent: ConsulAgent): Promise<readonly string[]> {
  const answer = await fetch(`http://${agent.address}/v1/agent/services`)
  return Object.keys((await answer.json()) as object)
}
