/**
 * One process of a pair: `serve` runs a peer's server, `drive` its client and the loads on it. It is told what to do by the process that
 * started it (run/process.ts), one command at a time, and ends when that one does.
 */
import { once } from 'node:events'
import { peers } from './peers.js'
import type { Peer, PeerClient } from './peers/peer.js'
import type { Answer, Command } from './run/commands.js'

const [, , role, peerName = '', name = '', address = ''] = process.argv
const peer = await peers[peerName]?.()
if (peer === undefined) throw new Error(`no peer ${peerName}`)
// Nothing outlives the process that started it.
process.once('disconnect', () => process.exit())
if (role === 'serve') await serve(peer)
else await drive(peer)

async function serve(peer: Peer): Promise<void> {
  const server = await peer.serve({ name })
  tell({ kind: 'ready', address: server.address })
  await obey(async () => undefined)
  await server.close()
  process.disconnect()
}

async function drive(peer: Peer): Promise<void> {
  const client = await peer.connect({ name }, address)
  tell({ kind: 'ready', address: '' })
  await obey(command => run(command, client))
  await client.close()
  process.disconnect()
}

async function run(command: Command, client: PeerClient): Promise<Answer | undefined> {
  if (command.kind !== 'run') return undefined
  // Not before: what the loads are made of is no part of a peer's start.
  const { scenarios } = await import('./scenarios.js')
  const scenario = scenarios.find(({ name }) => name === command.scenario)
  const before = process.cpuUsage()
  const held = process.memoryUsage.rss()
  if (scenario === undefined) throw new Error(`no scenario ${command.scenario}`)
  const numbers = await scenario.run(client, command.size)
  const { user, system } = process.cpuUsage(before)
  return { kind: 'ran', numbers, cpuMicros: user + system, grownBytes: process.memoryUsage.rss() - held }
}

/** Does what it is told until it is told to end. */
async function obey(others: (command: Command) => Promise<Answer | undefined>): Promise<void> {
  for (;;) {
    const [command] = (await once(process, 'message')) as [Command]
    if (command.kind === 'end') return
    try {
      tell((await others(command)) ?? usage())
    } catch (error) {
      tell({
        kind: 'failed',
        reason: error instanceof Error ? (error.stack ?? error.message) : String(error),
      })
    }
  }
}

function usage(): Answer {
  const { user, system } = process.cpuUsage()
  return { kind: 'usage', cpuMicros: user + system, residentBytes: process.memoryUsage.rss() }
}

function tell(answer: Answer): void {
  process.send?.(answer)
}
