import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterAll, expect, test } from 'vitest'
import { ServiceError, systemClock } from 'headrace/streams'
import { MuxEnds } from '../../src/adapters/mux/mux-ends.js'
import { MuxPeer } from '../../src/adapters/mux/mux-peer.js'
import type { Pipe, PipeEvents } from '../../src/adapters/mux/pipe.js'
import { resolveMuxLimits } from '../../src/wire/mux.js'
import { attacks } from '../support/mux-attacks.js'
import { MuxEnd } from '../support/mux-pair.js'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

/** A pipe to a peer that reads everything, or nothing. */
class AttackedPipe implements Pipe {
  events: PipeEvents | undefined
  waitingBytes = 0

  constructor(private readonly reads: boolean) {}

  open(events: PipeEvents): void {
    this.events = events
  }

  start(): void {
    // The bytes come from the test.
  }

  write(pieces: readonly Uint8Array[]): boolean {
    if (!this.reads) for (const { byteLength } of pieces) this.waitingBytes += byteLength
    return this.reads
  }

  end(): void {
    this.destroy()
  }

  destroy(): void {
    queueMicrotask(() => this.events?.closed())
  }

  atEndOfTurn(task: () => void): void {
    queueMicrotask(task)
  }
}

async function memory(): Promise<number> {
  for (let turn = 0; turn < 3; turn += 1) {
    await new Promise<void>(resolve => setImmediate(resolve))
    collect()
  }
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}

const results: string[] = []
afterAll(() => console.log(results.join('\n')))

/** An attack goes on until it is stopped, or until so much was sent. */
const mostFrames = 30_000
const mostBytes = 128 * 1_048_576

test.each(Object.keys(attacks).flatMap(name => [[name, 'reads'] as const, [name, 'reads nothing'] as const]))(
  'a peer that %s and %s makes this process hold no more than the limits of a connection',
  async (name, reading) => {
    const faults: ServiceError[] = []
    const limits = resolveMuxLimits({})
    const ends = new MuxEnds({
      limits,
      clock: systemClock,
      dialTimeoutMs: 5_000,
      lingerMs: 2_000,
      fault: error => faults.push(error),
    })
    const held = new Set<unknown>()
    const before = await memory()
    const pipe = new AttackedPipe(reading === 'reads')
    const peer = new MuxPeer(
      'attacker',
      ends.window,
      {
        // Nothing of it is read.
        channel: channel => {
          const forget = () => held.delete(channel)
          held.add(channel)
          channel.closed.subscribe({ complete: forget, error: forget })
        },
        fault: error => faults.push(error),
      },
      undefined,
    )
    ends.accept(pipe, peer)
    peer.serveCalls(call => {
      held.add(call) // and not answered
      return { cancel: () => held.delete(call) }
    })
    await Promise.resolve()
    pipe.events?.data(new MuxEnd(true).out(1_000))
    let [sent, most] = [0, 0]
    for (let n = 0; n < mostFrames && sent < mostBytes && faults.length === 0; n += 1) {
      // In a memory of its own, as a socket gives it.
      const bytes = new Uint8Array(attacks[name]?.(n) ?? [])
      sent += bytes.length
      pipe.events?.data(bytes)
      if (n % 64 === 63) await new Promise<void>(resolve => setImmediate(resolve))
      if (n % 10_000 === 9_999) most = Math.max(most, (await memory()) - before)
    }
    most = Math.max(most, (await memory()) - before)
    const mib = (bytes: number) => `${(bytes / 1_048_576).toFixed(0)} MiB`
    const end = faults[0] === undefined ? 'goes on' : `is given up: ${faults[0].detail}`
    results.push(`${name}, ${reading}: holds ${mib(most)} after ${mib(sent)}; ${end}`)
    peer.abort(new ServiceError('cancelled', 'over'))
    await new Promise<void>(resolve => setImmediate(resolve))
    expect(most).toBeLessThan(256 * 1_048_576)
  },
  60_000,
)
