import { existsSync } from 'node:fs'
import { networkInterfaces } from 'node:os'
import { fileURLToPath } from 'node:url'
import { noConsul } from '../support/consul-agent.js'
import type { PeerName, Place } from './cells.js'

const built = (name: string) => fileURLToPath(new URL(`../../build/interop/${name}`, import.meta.url))

interface Program {
  /** What scripts/interop.js has built. */
  readonly file: string
  readonly command: readonly string[]
}

const programs: Readonly<Record<PeerName, Program>> = {
  'go-micro 2017': { file: built('go-2017'), command: [built('go-2017')] },
  'go-micro 1.18': {
    file: built('go-118'),
    // In seconds. The program of 2017 has them in its code: there are no such flags yet.
    command: [built('go-118'), '--register_ttl=5', '--register_interval=2'],
  },
  'ja-micro': { file: built('java/Peer.class'), command: ['java', '-cp', built('java'), 'Peer'] },
}

/** The command that starts a peer. */
export const commandOf = (peer: PeerName): readonly string[] => programs[peer].command

/** Why a peer cannot run here, or `undefined` when it can. */
export function whyNot(peer: PeerName, place?: Place): string | undefined {
  if (!existsSync(programs[peer].file)) return `${peer} is not built: npm run interop says why`
  if (place === 'consul') return noConsul
  if (place === 'mdns' && !isAlone()) return 'multicast needs a network of its own: npm run interop makes one'
  return undefined
}

/** With CI=true what cannot run is a failure, not a test left out. */
export const mustRun = process.env['CI'] === 'true'

/** Whether this process is in a network that has loopback alone, so that the peers' multicast stays on this machine. */
function isAlone(): boolean {
  return Object.values(networkInterfaces()).every(addresses =>
    (addresses ?? []).every(({ internal }) => internal),
  )
}
