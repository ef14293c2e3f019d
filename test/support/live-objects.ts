import { queryObjects } from 'node:v8'
import { Subscription } from 'rxjs'

/** What is alive in this process: sockets, timers, RxJS subscriptions that something still holds, and bytes of the heap. */
export interface LiveObjects {
  readonly sockets: number
  readonly timers: number
  readonly subscriptions: number
  readonly heapBytes: number
}

/** Counts after forced collections, when two counts in a row agree: everything that was to be done soon is done. Needs --expose-gc. */
async function liveObjects(): Promise<LiveObjects> {
  let last = await count()
  for (let round = 0; round < 20; round += 1) {
    const next = await count()
    if (next.subscriptions === last.subscriptions && next.timers === last.timers) return next
    last = next
  }
  return last
}

async function count(): Promise<LiveObjects> {
  for (let turn = 0; turn < 20; turn += 1) await new Promise<void>(resolve => setImmediate(resolve))
  if (globalThis.gc === undefined) throw new Error('run this test with --expose-gc')
  globalThis.gc()
  const active = process.getActiveResourcesInfo()
  const of = (...kinds: readonly string[]) => active.filter(kind => kinds.includes(kind)).length
  return {
    sockets: of('TCPSocketWrap', 'TCPServerWrap', 'UDPWrap', 'TLSWrap', 'TCPConnectWrap'),
    timers: of('Timeout', 'Immediate'),
    subscriptions: queryObjects(Subscription, { format: 'count' }),
    heapBytes: process.memoryUsage().heapUsed,
  }
}

/** How the heap grew between the first and the last tenth of some cycles. */
export interface CycleReport {
  readonly before: LiveObjects
  readonly after: LiveObjects
  /** Median of the last tenth's samples less that of the first tenth's, in bytes. */
  readonly heapGrowth: number
}

/** How often the heap is measured in a tenth of the cycles. */
const samplesPerTenth = 5

/** Runs a cycle again and again and looks at what it leaves behind. The first cycles warm up and are not counted. */
export async function runCycles(
  count: number,
  cycle: () => Promise<unknown>,
  warmUp = Math.ceil(count / 10),
): Promise<CycleReport> {
  const tenth = Math.max(1, Math.floor(count / 10))
  const every = Math.max(1, Math.floor(tenth / samplesPerTenth))
  const heaps: number[] = []
  for (let n = 0; n < warmUp; n += 1) await cycle()
  const before = await liveObjects()
  for (let n = 0; n < count; n += 1) {
    await cycle()
    const inOuterTenth = n < tenth || n >= count - tenth
    if (inOuterTenth && n % every === 0) heaps.push((await liveObjects()).heapBytes)
  }
  const half = Math.floor(heaps.length / 2)
  const heapGrowth = median(heaps.slice(half)) - median(heaps.slice(0, half))
  return { before, after: await liveObjects(), heapGrowth }
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
}
