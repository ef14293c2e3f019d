import { readdirSync, readlinkSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { callsFromPeer } from './calls-from-peer.js'
import { callsToPeer } from './calls-to-peer.js'
import type { PeerName } from './cells.js'
import { Echo, debug2017, full } from './echo.js'
import { startHeadrace, type HeadraceNode } from './headrace-node.js'
import { peerFlags } from './neighbours.js'
import { startPeer, type Peer } from './peer-process.js'
import { commandOf, mustRun, whyNot } from './programs.js'
import { dialectOf, traits } from './traits.js'

const calls = 1_000
const streams = 100
/** What may be open beside what was open at first: a connection that is kept for the next call. */
const spare = 1

describe.each<{ peer: PeerName; hasStreams: boolean }>([
  { peer: 'go-micro 2017', hasStreams: true },
  { peer: 'go-micro 1.18', hasStreams: true },
  { peer: 'ja-micro', hasStreams: false },
])('1,000 calls and 100 streams in a row: $peer', ({ peer: name, hasStreams }) => {
  const reason = whyNot(name)
  let peer: Peer
  let node: HeadraceNode
  beforeAll(async () => {
    if (reason !== undefined && !mustRun) return
    node = await startHeadrace('endurance.headrace', 'address', '')
    peer = await startPeer(commandOf(name), peerFlags('endurance.peer', 'address', ''))
  })
  afterAll(async () => {
    await node?.service.close({ lingerMs: 0 })
    await peer?.stop()
  })

  /** Runs it once, then as often as it says, and compares what is open on both sides. */
  async function leavesNothing(once: (times: number) => Promise<void>): Promise<void> {
    const open = () => ({ peer: socketsOf(peer.pid), headrace: socketsOf(process.pid) })
    await once(1)
    await expect.poll(() => open().peer, { timeout: 2_000 }).toBeGreaterThan(0)
    const before = open()
    await once(Infinity)
    await expect.poll(() => open().peer, { timeout: 5_000 }).toBeLessThanOrEqual(before.peer + spare)
    await expect.poll(() => open().headrace, { timeout: 5_000 }).toBeLessThanOrEqual(before.headrace + spare)
  }

  it('calls of headrace', async context => {
    context.skip(reason !== undefined && !mustRun, reason)
    const echo = node.service.client(Echo, 'endurance.peer')
    await leavesNothing(async times => {
      for (let call = 0; call < Math.min(times, calls); call += 1) {
        expect(await echo.say(full, { address: peer.address, dialect: dialectOf(name) })).toEqual(full)
      }
    })
  }, 60_000)

  it('calls of the peer', async context => {
    context.skip(reason !== undefined && !mustRun, reason)
    const call = {
      do: 'call',
      endpoint: 'Echo.Say',
      requests: [full],
      contentType: 'application/json',
    } as const
    await leavesNothing(async most => {
      const times = Math.min(most, calls)
      const { values, error } = await peer.tell({ ...call, address: node.service.address ?? '', times })
      expect({ values, error }).toEqual({ values: [full], error: undefined })
    })
  }, 60_000)

  it.runIf(hasStreams)(
    'streams of headrace',
    async context => {
      context.skip(reason !== undefined && !mustRun, reason)
      const options = { address: peer.address, dialect: dialectOf(name), contentType: 'application/json' }
      const echo = node.service.client(Echo, 'endurance.peer')
      const debug = node.service.client(debug2017, 'endurance.peer')
      await leavesNothing(async times => {
        for (let stream = 0; stream < Math.min(times, streams); stream += 2) {
          await callsToPeer.bidi({ ...traits[name], echo, debug, options })
          await callsToPeer['server stream']({ ...traits[name], echo, debug, options })
        }
      })
    },
    60_000,
  )

  it.runIf(hasStreams)(
    'streams of the peer',
    async context => {
      context.skip(reason !== undefined && !mustRun, reason)
      const target = { address: node.service.address ?? '', contentType: 'application/json' }
      await leavesNothing(async times => {
        for (let stream = 0; stream < Math.min(times, streams); stream += 2) {
          await callsFromPeer.bidi({ ...traits[name], peer, target })
          await callsFromPeer['server stream']({ ...traits[name], peer, target })
        }
      })
    },
    60_000,
  )
})

/** How many sockets a process has open. */
function socketsOf(pid: number): number {
  const links = readdirSync(`/proc/${pid}/fd`).map(fd => {
    try {
      return readlinkSync(`/proc/${pid}/fd/${fd}`)
    } catch {
      return '' // closed in the meantime
    }
  })
  return links.filter(link => link.startsWith('socket:')).length
}
