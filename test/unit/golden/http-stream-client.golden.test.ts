import { Subject } from 'rxjs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Service } from 'headrace'
import { http } from 'headrace/adapters/transport/http'
import { ServiceError, type CallOptions, type EndpointDefinition, type Flow } from 'headrace/streams'
import { deliberateDifferences } from '../../support/deliberate-differences.js'
import { GoGreeter } from '../../support/go-greeter.js'
import { asOurs, asSent, goServer } from '../../support/go-server.js'
import { createMemoryNetwork, type MemoryNetwork } from '../../support/memory-network.js'
import { outcomeOf, type Outcome } from '../../support/stream-outcome.js'
import { vector } from '../../support/vectors.js'
import { VirtualClock } from '../../support/virtual-clock.js'

const file = '2017-http-stream'
const from = 'caller'

let network: MemoryNetwork
let caller: Service

beforeEach(() => {
  network = createMemoryNetwork(() => http())
  // Time stands still, so that what is left of the timeout is all of it.
  caller = network.makeService(from, { clock: new VirtualClock() })
})

afterEach(() => network.close())

/** Streams with the Go server of a capture; checks all bytes up to the client's close and gives the outcome. */
async function play(
  name: string,
  open: (options: CallOptions) => Flow<unknown>,
  onValue: (count: number) => void = () => undefined,
): Promise<Outcome> {
  const server = await goServer(file, name, { untilClosed: true })
  const { contentType } = vector(file, name).input as { readonly contentType: string }
  // Go gives every stream the timeout of a call, ours has none unless it is asked for.
  const outcome = await outcomeOf(open({ address: server.address, contentType, timeoutMs: 5_000 }), onValue)
  await server.close()
  const { requests, address } = server
  expect(requests.map(({ ours }) => asSent(ours))).toEqual(
    requests.map(({ theirs }) => asOurs(theirs, address, from)),
  )
  return outcome
}

/** The text with which the stream of the Go client ended; `EOF`: in good order. */
const endOf = (name: string) =>
  (vector(file, name).input as { readonly finalRecvError?: string }).finalRecvError ?? ''

describe('a client streams as go-micro 2017 does', () => {
  const client = () => caller.client(GoGreeter, 'greeter')

  it.each(['bidi-server-ends application/json', 'bidi-server-ends application/octet-stream'])(
    '%s',
    async name => {
      const requests = new Subject<{ count: bigint }>()
      const open = (options: CallOptions) => {
        queueMicrotask(() => requests.next({ count: 1n }))
        return client().stream(requests, options)
      }
      const { values, error } = await play(name, open, count =>
        requests.next({ count: count === 1 ? 2n : -1n }),
      )
      expect(endOf(name)).toBe('EOF')
      expect(error).toBeUndefined()
      expect(values).toEqual([{ count: 1n }, { count: 2n }])
    },
  )

  it.each(['bidi-client-ends application/json', 'bidi-client-ends application/octet-stream'])(
    '%s: the EOF of a handler that has read all is the end',
    async name => {
      expect(deliberateDifferences[`${file}/${name}`]).toBeDefined()
      const requests = new Subject<{ count: bigint }>()
      const open = (options: CallOptions) => {
        queueMicrotask(() => requests.next({ count: 1n }))
        return client().stream(requests, options)
      }
      const { values, error } = await play(name, open, () => requests.complete())
      expect(error).toBeUndefined()
      expect(values).toEqual([{ count: 1n }])
    },
  )

  it.each(['server-push application/json', 'server-push application/octet-stream'])('%s', async name => {
    const { values, error } = await play(name, options => client().serverStream({ count: 3n }, options))
    expect(endOf(name)).toBe('EOF')
    expect(error).toBeUndefined()
    expect(values).toEqual([{ count: 0n }, { count: 1n }, { count: 2n }])
  })

  it.each(['stream-error application/json', 'stream-error application/octet-stream'])('%s', async name => {
    const { values, error } = await play(name, options => client().streamFail({ count: 9n }, options))
    expect(values).toEqual([{ count: 9n }])
    expect(error).toBeInstanceOf(ServiceError)
    expect((error as ServiceError).toWire()).toBe(endOf(name))
  })

  it.each(['stream-unknown-method application/json', 'stream-unknown-method application/octet-stream'])(
    '%s: the error is what the Go client got',
    async name => {
      const noSuch: EndpointDefinition<{ count: bigint }, unknown, 'bidi'> = {
        ...GoGreeter.stream,
        name: 'Greeter.NoSuch',
      }
      const requests = new Subject<{ count: bigint }>()
      const open = (options: CallOptions) => caller.client({ noSuch }, 'greeter').noSuch(requests, options)
      const { values, error } = await play(name, open)
      expect(values).toEqual([])
      expect(error).toMatchObject({ kind: 'internal', code: 0, detail: endOf(name) })
    },
  )
})
