import { expect } from 'vitest'
import type { ServiceError } from 'headrace'
import type { CallOptions, ClientOf } from 'headrace/streams'
import type { CallKind } from './cells.js'
import { full, value, type DebugDefinition, type EchoDefinition } from './echo.js'
import type { Traits } from './traits.js'

/** How headrace calls a peer in a cell. */
export interface CallToPeer extends Traits {
  readonly echo: ClientOf<EchoDefinition>
  readonly debug: ClientOf<DebugDefinition>
  /** The content type, and the address where nothing else says it. */
  readonly options: CallOptions
}

/** What each kind of call must do when headrace is the client. */
export const callsToPeer: Readonly<Record<CallKind, (call: CallToPeer) => Promise<void>>> = {
  async unary({ echo, options }) {
    expect(await echo.say(full, options)).toEqual(full)
    expect(await echo.say(value(), options)).toEqual(value())
    expect(await echo.nothing({}, options)).toEqual({})
  },

  async error({ echo, options }) {
    const conflict = { kind: 'conflict', code: 409, detail: 'it is <taken>', id: 'interop' }
    expect(await failure(echo.fail(value({ number: 409n, text: 'it is <taken>' }), options))).toMatchObject(
      conflict,
    )
    const plain = { kind: 'internal', detail: expect.stringContaining('just a text') }
    expect(await failure(echo.fail(value({ text: 'just a text' }), options))).toMatchObject(plain)
    expect(await failure(echo.missing(value(), options))).toMatchObject({
      detail: expect.stringContaining('Missing'),
    })
    expect(await echo.nothing({}, options)).toEqual({})
  },

  async metadata({ echo, options, headers: metadata }) {
    for (const [name, text] of Object.entries(metadata)) {
      expect(await echo.header(value({ text: name }), { ...options, metadata })).toEqual(value({ text }))
    }
  },

  async deadline({ echo, options, deadlines }) {
    if (deadlines) {
      const { number } = await echo.deadline(value(), { ...options, timeoutMs: 4_000 })
      expect(Number(number)).toBeGreaterThan(2_000)
      expect(Number(number)).toBeLessThanOrEqual(4_000)
    }
    const late = echo.slow(value({ number: 2_000n }), { ...options, timeoutMs: 60 })
    expect(await failure(late)).toMatchObject({ kind: 'timeout', code: 408 })
  },

  async bidi({ echo, options }) {
    // One request after the answer to the other: the streams of Go cannot send while they receive.
    let answered = () => {}
    async function* requests() {
      for (const number of [1n, 2n, 3n]) {
        const answer = new Promise<void>(resolve => (answered = resolve))
        yield { ...full, number }
        await answer
      }
    }
    const answers = []
    for await (const answer of echo.talk(requests(), options)) {
      answers.push(answer)
      answered()
    }
    expect(answers).toEqual([1n, 2n, 3n].map(number => ({ ...full, number })))
  },

  async 'server stream'({ echo, options }) {
    const numbers = []
    for await (const { number } of echo.count(value({ number: 3n }), options)) numbers.push(number)
    expect(numbers).toEqual([1n, 2n, 3n])
    const broken = async () => {
      for await (const { number } of echo.break(value({ number: 2n }), options)) numbers.push(number)
    }
    expect(await failure(broken())).toMatchObject({ code: 409, detail: 'broken', id: 'interop' })
    expect(numbers).toEqual([1n, 2n, 3n, 1n, 2n])
  },

  async health({ debug, options }) {
    expect(await debug.health({}, options)).toEqual({ status: 'ok' })
  },

  async stats({ debug, options }) {
    const { started, uptime, memory, threads } = await debug.stats({}, options)
    expect(Math.abs(Number(started + uptime) - Date.now() / 1_000)).toBeLessThan(5)
    expect(Number(uptime)).toBeLessThan(600)
    expect(Number(memory)).toBeGreaterThan(1_000)
    expect(Number(threads)).toBeGreaterThan(0)
  },
}

/** The error that a call ends with. */
export async function failure(call: PromiseLike<unknown>): Promise<ServiceError> {
  return call.then(
    answer => Promise.reject(new Error(`it did not fail, but answered ${String(answer)}`)),
    (error: unknown) => error as ServiceError,
  )
}
