import { Subject } from 'rxjs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Service } from 'headrace'
import { http } from 'headrace/adapters/transport/http'
import type { CallOptions, Flow, ServiceError } from 'headrace/streams'
import { deliberateDifferences } from '../../support/deliberate-differences.js'
import { GoGreeter } from '../../support/go-greeter.js'
import { asSent } from '../../support/go-server.js'
import { allMessages, type HttpBytes } from '../../support/http-bytes.js'
import { createMemoryNetwork, type MemoryNetwork } from '../../support/memory-network.js'
import { scriptedServer } from '../../support/raw-peer.js'
import { asOursV118 } from '../../support/v118.js'
import { outcomeOf } from '../../support/stream-outcome.js'
import { bytesOf, vector } from '../../support/vectors.js'
import { VirtualClock } from '../../support/virtual-clock.js'

const file = 'v118-http-stream'
const calling = 'caller'

let network: MemoryNetwork
let caller: Service

beforeEach(() => {
  network = createMemoryNetwork(() => http())
  caller = network.makeService(calling, { clock: new VirtualClock() })
})

afterEach(() => network.close())

/** Streams with the Go server of a capture. The messages that a Go client sends only to close are not waited for. */
async function play(
  name: string,
  open: (options: CallOptions) => Flow<unknown>,
  onValue?: (count: number) => void,
) {
  const pairs: { ours: HttpBytes; theirs: HttpBytes }[] = []
  const server = await scriptedServer(async peer => {
    let ended = false
    for (const segment of vector(file, name).segments ?? []) {
      if (segment.dir === 'server>client') {
        ended = bytesOf(segment).includes('Micro-Error')
        peer.write(bytesOf(segment))
      } else if (segment.dir === 'client>server' && !ended) {
        for (const theirs of allMessages(bytesOf(segment)).messages)
          pairs.push({ ours: await peer.message(), theirs })
      }
    }
    // A client of Go closes behind its EOS, and then the server does. Ours waits for the server.
    if (!ended) peer.end()
    await peer.ended()
    peer.end()
  })
  const contentType = name.split(' ')[2] ?? ''
  const options: CallOptions = { address: server.address, contentType, dialect: 'mucp', timeoutMs: 5_000 }
  const outcome = await outcomeOf(open(options), onValue)
  await server.close()
  expect(pairs.map(({ ours }) => asSent(ours))).toEqual(
    pairs.map(({ theirs }) => asOursV118(theirs, server.address, calling)),
  )
  return outcome
}

describe('a client streams as one of version 1 does', () => {
  const client = () => caller.client(GoGreeter, 'go.micro.srv.greeter')

  it.each(['mucp bidi-server-ends application/json', 'mucp bidi-server-ends application/protobuf'])(
    '%s',
    async name => {
      const requests = new Subject<{ count: bigint }>()
      const open = (options: CallOptions) => {
        queueMicrotask(() => requests.next({ count: 1n }))
        return client().stream(requests, options)
      }
      const outcome = await play(name, open, () => requests.next({ count: -1n }))
      expect(outcome).toEqual({ values: [{ count: 1n }] })
    },
  )

  it.each(['mucp bidi-client-ends application/json', 'mucp bidi-client-ends application/protobuf'])(
    '%s: EOS ends the requests, and the close of the server is the end',
    async name => {
      expect(deliberateDifferences[`${file}/${name}`]).toBeDefined()
      const requests = new Subject<{ count: bigint }>()
      const open = (options: CallOptions) => {
        queueMicrotask(() => requests.next({ count: 1n }))
        return client().stream(requests, options)
      }
      expect(await play(name, open, () => requests.complete())).toEqual({ values: [{ count: 1n }] })
    },
  )

  it.each(['mucp server-push application/json', 'mucp server-push application/protobuf'])(
    '%s',
    async name => {
      const outcome = await play(name, options => client().serverStream({ count: 2n }, options))
      expect(outcome).toEqual({ values: [{ count: 0n }, { count: 1n }] })
    },
  )

  it.each(['mucp stream-error application/json', 'mucp stream-error application/protobuf'])(
    '%s: the error is what the Go client got',
    async name => {
      const { values, error } = await play(name, options => client().streamFail({ count: 9n }, options))
      expect(values).toEqual([{ count: 9n }])
      expect((error as ServiceError).toWire()).toBe(vector(file, name).input)
    },
  )

  it('a stream that a server ends without a word has failed when its client has not ended it', async () => {
    const name = 'mucp bidi-client-ends application/json'
    const server = await scriptedServer(async peer => {
      await peer.message()
      const [answer] = (vector(file, name).segments ?? []).filter(({ dir }) => dir === 'server>client')
      if (answer !== undefined) peer.write(bytesOf(answer))
      peer.end()
    })
    const options: CallOptions = { address: server.address, contentType: 'application/json', dialect: 'mucp' }
    const { values, error } = await outcomeOf(client().serverStream({ count: 1n }, options))
    expect(values).toEqual([{ count: 1n }])
    expect(error).toMatchObject({ kind: 'unavailable' })
    await server.close()
  })
})
