import { startConsul } from '../support/consul-agent.js'
import { cells, type PeerName, type Place } from './cells.js'
import { topic, value, type Value } from './echo.js'
import { loopback, placeFlags, startHeadrace, type HeadraceNode } from './headrace-node.js'
import { mayRun } from './not-applicable.js'
import { startPeer, type Peer } from './peer-process.js'
import { commandOf } from './programs.js'
import { until } from './until.js'

/** Two processes of a peer and two services of this process that have found each other. */
export interface Neighbours {
  readonly peers: readonly [Peer, Peer]
  readonly nodes: readonly [HeadraceNode, HeadraceNode]
  close(): Promise<void>
}

/** Starts them, and waits until all know each other. */
export async function startNeighbours(peer: PeerName, place: Place): Promise<Neighbours> {
  const ends: (() => Promise<void>)[] = []
  const close = async () => {
    for (const end of ends.splice(0).reverse()) await end()
  }
  try {
    const agent = place === 'consul' ? await startConsul() : undefined
    if (agent !== undefined) ends.push(() => agent.stop())
    const consul = agent?.address ?? ''
    const node = async () => {
      const started = await startHeadrace('interop.headrace', place, consul)
      ends.push(() => started.service.close({ lingerMs: 0 }))
      return started
    }
    const start = async () => {
      const started = await startPeer(commandOf(peer), peerFlags('interop.peer', place, consul))
      ends.push(() => started.stop())
      return started
    }
    const nodes = await Promise.all([node(), node()])
    const started = await Promise.all([start(), start()])
    if (place !== 'address') await allFound(nodes, started, peer)
    return { peers: started, nodes, close }
  } catch (error) {
    await close()
    throw error
  }
}

/** The flags of a peer that serves Echo under a name, and subscribes to `events` and, in the queue `shared`, to `work`. */
export function peerFlags(name: string, place: Place, consul: string): readonly string[] {
  const registry = place === 'address' ? ['--registry=none'] : placeFlags(place, consul)
  return [`--server_name=${name}`, ...loopback, ...registry, '--topics=events,work:shared']
}

async function allFound(
  nodes: readonly HeadraceNode[],
  peers: readonly Peer[],
  name: PeerName,
): Promise<void> {
  for (const node of nodes) await node.found('interop.peer', 2)
  for (const peer of peers) {
    const seen = async () =>
      (await peer.tell({ do: 'nodes', service: 'interop.headrace' })).nodes.length === 2
    await until(seen, () => `${name} finds both nodes of headrace`)
  }
  if (!cells.some(cell => cell.peer === name && cell.kind === 'event' && mayRun(cell))) return
  // A queue is found apart from its topic, and each of its members gets some of what is published.
  for (const name of ['events', 'work']) {
    for (const [at, { service }] of nodes.entries()) {
      const publish = (event: Value) => service.publish(topic(name), event)
      await reachesAll(`${name} of node ${at}`, publish, nodes, peers)
    }
    for (const [at, peer] of peers.entries()) {
      const publish = (event: Value) => peer.tell({ do: 'publish', topic: name, requests: [event] })
      await reachesAll(`${name} of peer ${at}`, publish, nodes, peers)
    }
  }
}

/** Publishes until each subscriber has heard it, in a queue one of them at a time. */
async function reachesAll(
  name: string,
  publish: (event: Value) => PromiseLike<unknown>,
  nodes: readonly HeadraceNode[],
  peers: readonly Peer[],
): Promise<void> {
  const event = value({ text: `from ${name}` })
  const heard = () =>
    [...nodes, ...peers].map(each => each.heard.some(({ value: { text } }) => text === event.text))
  await until(
    async () => {
      await publish(event)
      return heard().every(Boolean)
    },
    () => `${name} reaches (node 0, node 1, peer 0, peer 1) ${heard().join(', ')}`,
  )
}
