import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { filter, firstValueFrom } from 'rxjs'
import { beforeAll, describe, expect, it } from 'vitest'
import { noConsul, startConsul, type ConsulAgent } from '../support/consul-agent.js'
import { callThroughOutage, consulService, idsAt } from '../support/consul-mesh.js'
import { startProgram } from '../support/programs.js'

const ttlSeconds = 5
/** How much later than its TTL a dead node may leave the list. */
const slackMs = 2_000

if (noConsul !== undefined) console.log(`Consul for longer: skipped: ${noConsul}`)

describe.skipIf(noConsul !== undefined)('Consul for longer', () => {
  let agent: ConsulAgent
  let folder: string
  beforeAll(async () => {
    agent = await startConsul()
    folder = await mkdtemp(join(tmpdir(), 'headrace-consul-node-'))
    return async () => {
      await agent.stop()
      await rm(folder, { recursive: true, force: true })
    }
  }, 60_000)

  it('an agent that is away for 30 s is not noticed by callers', async () => {
    const { calls, failures, nodes } = await callThroughOutage(agent, 30_000)
    expect(failures).toEqual([])
    expect(calls).toBeGreaterThan(1_000)
    expect(nodes.filter(length => length > 0)).toEqual([2])
  })

  it('a node killed with -9 leaves the list within its TTL and 2 s; Consul itself removes it after its own minute', async () => {
    const node = startProgram(
      'load-node',
      [
        '--registry=consul',
        `--registry_address=${agent.address}`,
        '--server_address=127.0.0.1:0',
        '--broker_address=127.0.0.1:0',
        `--register_ttl=${ttlSeconds}s`,
        '--register_interval=2s',
      ],
      { LOAD_LOG: join(folder, 'load.log') },
    )
    const watcher = consulService(agent, 'watcher')
    const nodes = watcher.discover('load')
    await firstValueFrom(nodes.pipe(filter(({ length }) => length === 1)))
    await sleep(5_000) // beats several times
    const [id = ''] = await idsAt(agent)
    const gone = firstValueFrom(nodes.pipe(filter(({ length }) => length === 0)))
    const killed = Date.now()
    await node.stop('SIGKILL')
    await gone
    expect(Date.now() - killed).toBeLessThanOrEqual(ttlSeconds * 1_000 + slackMs)
    expect(await idsAt(agent)).toContain(id)
    // A minute and five seconds after it became critical, at the next of its rounds every 30 s.
    await expect.poll(() => idsAt(agent), { timeout: 110_000, interval: 1_000 }).toEqual([])
    await watcher.close({ lingerMs: 0 })
  })
})
