import type { Cell } from './cells.js'

/** Cells that do not apply, and why. */
export interface Exception {
  /** Which: those with one of these values. What is not named does not matter. */
  readonly where: { readonly [F in keyof Cell]?: readonly Cell[F][] }
  readonly reason: string
  /**
   * How they fail, where the peer would take the call and does something else with it: the cells run, and must fail like this, so that a
   * peer that has changed is noticed. Without it there is nothing to run.
   */
  readonly fails?: RegExp
}

/** The first that names a cell counts. What this list comes to, cell by cell, is in not-applicable.txt, which the run compares. */
const exceptions: readonly Exception[] = [
  {
    where: { peer: ['ja-micro'], place: ['mdns'] },
    reason: 'ja-micro registers at Consul alone',
  },
  {
    where: { peer: ['ja-micro'], kind: ['bidi', 'server stream'] },
    reason: 'ja-micro has no streams',
  },
  {
    where: { peer: ['ja-micro'], kind: ['event', 'queue'] },
    reason: 'ja-micro publishes with Kafka, not over HTTP',
  },
  {
    where: { peer: ['ja-micro'], kind: ['stats'] },
    reason: 'ja-micro has no Debug service',
  },
  {
    where: { peer: ['ja-micro'], role: ['server'], kind: ['health'] },
    reason: 'ja-micro has no Debug service but GET /health, which headrace answers and does not ask for',
  },
  {
    where: { peer: ['ja-micro'], role: ['client'], codec: ['json-rpc', 'protobuf', 'proto-rpc'] },
    reason: 'ja-micro sends application/json and application/octet-stream alone',
  },
  {
    where: { peer: ['ja-micro'], role: ['client'], codec: ['octet-stream'], kind: ['health'] },
    reason: 'GET /health has no codec: it is asked once, in the row of JSON',
  },
  {
    where: { place: ['address'], kind: ['event', 'queue'] },
    reason: 'publishers find their subscribers in a registry',
  },
  {
    where: { peer: ['go-micro 1.18'], role: ['client'], codec: ['octet-stream'] },
    reason: 'for v1.18 application/octet-stream is bytes as they are, and no message',
    fails: /is not type of \*\[\]byte/,
  },
  {
    where: { peer: ['go-micro 1.18'], role: ['server'], codec: ['octet-stream'], kind: ['event', 'queue'] },
    reason: 'for v1.18 application/octet-stream is bytes as they are, and no message',
    fails: /expected \+?\d+ to be \d+/,
  },
]

/** Why a cell does not apply, or `undefined` when it must pass. */
export function exceptionFor(cell: Cell): Exception | undefined {
  return exceptions.find(({ where }) =>
    Object.entries(where).every(([field, values]) =>
      (values as readonly string[]).includes(cell[field as keyof Cell]),
    ),
  )
}

/** Whether there is something to run, which passes, or fails as the list says. */
export function mayRun(cell: Cell): boolean {
  const exception = exceptionFor(cell)
  return exception === undefined || exception.fails !== undefined
}
