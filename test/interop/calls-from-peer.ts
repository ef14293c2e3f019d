import { expect } from 'vitest'
import type { CallKind } from './cells.js'
import { full, value, type Value } from './echo.js'
import type { Traits } from './traits.js'
import type { Answer, Command, Peer } from './peer-process.js'

/** How a peer calls headrace in a cell. */
export interface CallFromPeer extends Traits {
  readonly peer: Peer
  /** Service, address and content type. */
  readonly target: Omit<Command, 'do'>
}

/** What each kind of call must do when headrace is the server. */
export const callsFromPeer: Readonly<Record<CallKind, (call: CallFromPeer) => Promise<void>>> = {
  async unary(call) {
    expect(await say(call, 'Echo.Say', full)).toEqual([full])
    expect(await say(call, 'Echo.Say', value())).toEqual([value()])
    expect(await ask(call, { do: 'call', endpoint: 'Echo.Nothing' })).not.toHaveProperty('error')
  },

  async error(call) {
    const { error } = await ask(call, request('Echo.Fail', value({ number: 409n, text: 'it is <taken>' })))
    expect(parsed(error)).toMatchObject({ id: 'interop', code: 409, detail: 'it is <taken>' })
    const plain = await ask(call, request('Echo.Fail', value({ text: 'just a text' })))
    expect(parsed(plain.error)).toMatchObject({ code: 500, detail: 'just a text' })
    const missing = await ask(call, request('Echo.Missing', value()))
    expect(missing.error).toContain(`rpc: can't find method`)
    expect(await say(call, 'Echo.Say', value())).toEqual([value()])
  },

  async metadata(call) {
    const { target, headers } = call
    for (const [name, text] of Object.entries(headers)) {
      const request = value({ text: name })
      expect(await say({ ...call, target: { ...target, headers } }, 'Echo.Header', request)).toEqual([
        value({ text }),
      ])
    }
  },

  async deadline(call) {
    const within = (timeoutMs: number) => ({ ...call, target: { ...call.target, timeoutMs } })
    if (call.deadlines) {
      const [left] = await say(within(4_000), 'Echo.Deadline', value())
      expect(Number(left?.number)).toBeGreaterThan(2_000)
      expect(Number(left?.number)).toBeLessThanOrEqual(4_000)
    }
    const late = await ask(within(60), request('Echo.Slow', value({ number: 2_000n })))
    expect(parsed(late.error)).toMatchObject({ code: 408 })
  },

  async bidi(call) {
    const requests = [1n, 2n, 3n].map(number => ({ ...full, number }))
    const { values, error } = await ask(call, { do: 'talk', endpoint: 'Echo.Talk', requests })
    expect({ values, error }).toEqual({ values: requests, error: undefined })
  },

  async 'server stream'(call) {
    const counted = await ask(call, {
      do: 'receive',
      endpoint: 'Echo.Count',
      requests: [value({ number: 3n })],
    })
    expect(counted).not.toHaveProperty('error')
    expect(numbers(counted)).toEqual([1n, 2n, 3n])
    const broken = await ask(call, {
      do: 'receive',
      endpoint: 'Echo.Break',
      requests: [value({ number: 2n })],
    })
    expect(numbers(broken)).toEqual([1n, 2n])
    expect(parsed(broken.error)).toMatchObject({ id: 'interop', code: 409, detail: 'broken' })
  },

  async health(call) {
    expect(await ask(call, { do: 'health' })).toMatchObject({ health: expect.stringMatching(/^ok$/i) })
  },

  async stats(call) {
    const answer = await ask(call, { do: 'stats' })
    expect(answer).not.toHaveProperty('error')
    const { started = 0, uptime = 0, memory = 0, threads = 0 } = answer.stats ?? {}
    expect(Math.abs(started + uptime - Date.now() / 1_000)).toBeLessThan(5)
    expect(uptime).toBeLessThan(600)
    expect(memory).toBeGreaterThan(1_000)
    expect(threads).toBeGreaterThan(0)
  },
}

const request = (endpoint: string, message: Value): Command => ({ do: 'call', endpoint, requests: [message] })

const ask = ({ peer, target }: CallFromPeer, command: Command): Promise<Answer> =>
  peer.tell({ ...target, ...command })

const numbers = ({ values }: Answer) => values.map(({ number }) => number)

/** The values that a call answers; one that fails fails the test with its error. */
async function say(call: CallFromPeer, endpoint: string, message: Value): Promise<readonly Value[]> {
  const { values, error } = await ask(call, request(endpoint, message))
  if (error !== undefined) throw new Error(error)
  return values
}

/** The fields of an error in the words of go-micro; ja-micro has others. */
function parsed(error: string | undefined): unknown {
  const fields = JSON.parse(error ?? '{"detail":"there was no error"}')
  if (fields.category === undefined) return fields
  return { code: fields.category, detail: fields.message, id: fields.source }
}
