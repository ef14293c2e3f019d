import { inspect } from 'node:util'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { callsFromPeer } from './calls-from-peer.js'
import { callsToPeer, failure } from './calls-to-peer.js'
import { cells, eventKinds, places, type Cell, type EventKind, type PeerName } from './cells.js'
import { Echo, debug118, debug2017 } from './echo.js'
import { eventsOf } from './events.js'
import { dialectOf, traits } from './traits.js'
import { startNeighbours, type Neighbours } from './neighbours.js'
import { exceptionFor, mayRun } from './not-applicable.js'
import { mustRun, whyNot } from './programs.js'

declare module 'vitest' {
  interface TaskMeta {
    /** The cell that a test stands for: what the matrix is printed from. */
    cell?: Cell
    /** Why it was not run, or was run to see it fail. */
    reason?: string
  }
}

/** The tests of all cells of a peer. */
export function describeMatrix(peer: PeerName): void {
  describe.each(places)(`${peer} over %s`, place => {
    const reason = whyNot(peer, place)
    const some = cells.filter(cell => cell.peer === peer && cell.place === place)
    let neighbours: Neighbours
    const runs = some.some(mayRun)
    beforeAll(async () => {
      if (!runs) return
      if (reason === undefined) neighbours = await startNeighbours(peer, place)
      else if (mustRun) throw new Error(reason)
    }, 60_000)
    afterAll(() => neighbours?.close())
    for (const cell of some) describeCell(cell, reason, () => neighbours)
  })
}

function describeCell(cell: Cell, reason: string | undefined, neighbours: () => Neighbours): void {
  const exception = exceptionFor(cell)
  const title = `${cell.role} ${cell.codec} ${cell.kind}`
  it(title, { meta: { cell } }, async context => {
    const why = exception?.reason ?? reason
    if (why !== undefined) context.task.meta.reason = why
    context.skip(reason !== undefined || !mayRun(cell), why)
    if (exception?.fails === undefined) return run(cell, neighbours())
    const failed = inspect(await failure(run(cell, neighbours())), { depth: 4 })
    if (!exception.fails.test(failed)) throw new Error(`it fails otherwise than the list says: ${failed}`)
  })
}

const run = (cell: Cell, { peers, nodes }: Neighbours): Promise<void> => {
  const { peer, role, place, codec, kind } = cell
  const contentType = `application/${codec}`
  if (isEvent(kind))
    return eventsOf[kind]({ role, peers, nodes, contentType, mark: `${role} ${codec} ${kind}` })
  if (role === 'client') {
    const address = place === 'address' ? { address: nodes[0].service.address ?? '' } : {}
    return callsFromPeer[kind]({
      ...traits[peer],
      peer: peers[0],
      target: { service: 'interop.headrace', contentType, ...address },
    })
  }
  const { service } = nodes[0]
  const address = place === 'address' ? { address: peers[0].address, dialect: dialectOf(peer) } : {}
  return callsToPeer[kind]({
    ...traits[peer],
    echo: service.client(Echo, 'interop.peer'),
    debug: service.client(peer === 'go-micro 1.18' ? debug118 : debug2017, 'interop.peer'),
    options: { contentType, ...address },
  })
}

const isEvent = (kind: Cell['kind']): kind is EventKind => (eventKinds as readonly string[]).includes(kind)
