import type { Numbers } from '../measurement.js'
import type { Scenario } from '../scenarios/scenario.js'
import { Worker } from './process.js'

const serverCore = 0
const clientCore = 1

/** The server and the client of one peer, each in its process. */
export class Pair {
  /** Pairs that run at the same time must not meet. */
  private static started = 0

  private constructor(
    private readonly server: Worker,
    private readonly client: Worker,
    private readonly readyMs: number,
    private readonly startedAt: number,
  ) {}

  static async start(peer: string, nodeArgs: readonly string[] = []): Promise<Pair> {
    Pair.started += 1
    const name = `bench-${process.pid}-${Pair.started}`
    const began = performance.now()
    const server = await Worker.start(serverCore, ['serve', peer, name], nodeArgs)
    const startedAt = performance.now()
    const address = server.ready.address
    try {
      const client = await Worker.start(clientCore, ['drive', peer, name, address], nodeArgs)
      return new Pair(server.worker, client.worker, startedAt - began, startedAt)
    } catch (error) {
      await server.worker.end()
      throw error
    }
  }

  /** Puts a load on it. `undefined` when the peer has no such thing. */
  async measure(scenario: Scenario, size: number): Promise<Numbers | undefined> {
    const before = await this.server.ask({ kind: 'usage' }, 'usage')
    const ran = await this.client.ask({ kind: 'run', scenario: scenario.name, size }, 'ran')
    const after = await this.server.ask({ kind: 'usage' }, 'usage')
    if (ran.numbers === undefined) return undefined
    const { count = 1 } = ran.numbers
    return {
      ...ran.numbers,
      clientMicros: ran.cpuMicros / count,
      serverMicros: (after.cpuMicros - before.cpuMicros) / count,
      clientGrown: ran.grownBytes / 1e6,
      serverGrown: (after.residentBytes - before.residentBytes) / 1e6,
      idleMegabytes: before.residentBytes / 1e6,
      usedMegabytes: after.residentBytes / 1e6,
      readyMs: this.readyMs,
    }
  }

  /** Milliseconds from the start of the client's process to its first answer. To be called before any load. */
  async firstAnswer(first: Scenario): Promise<number> {
    await this.client.ask({ kind: 'run', scenario: first.name, size: 1 }, 'ran')
    return performance.now() - this.startedAt
  }

  async end(): Promise<void> {
    await this.client.end()
    await this.server.end()
  }
}
