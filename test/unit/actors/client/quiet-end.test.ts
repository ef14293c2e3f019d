import { ReplaySubject, Subject, Subscription, firstValueFrom } from 'rxjs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { defineService, rpc, type Service } from 'headrace'
import { http } from 'headrace/adapters/transport/http'
import type { HttpBytes } from '../../../support/http-bytes.js'
import { createMemoryNetwork, type MemoryNetwork } from '../../../support/memory-network.js'
import { scriptedServer, type RawPeer, type ScriptedServer } from '../../../support/raw-peer.js'
import { VirtualClock, settle } from '../../../support/virtual-clock.js'

const Numbers = defineService('Numbers', {
  take: rpc.bidi<number, number>(),
  add: rpc.clientStream<number, number>(),
})

let network: MemoryNetwork
let clock: VirtualClock
let caller: Service
let server: ScriptedServer

beforeEach(() => {
  network = createMemoryNetwork(() => http())
  clock = new VirtualClock()
  caller = network.makeService('caller', { clock })
})

afterEach(async () => {
  await server.close()
  await network.close()
})

const answer = (headers: string, body = '') =>
  `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n${headers}Content-Length: ${body.length}\r\n\r\n${body}`
const item = (value: number) => answer('Micro-Id: 0\r\n', String(value))
const error = (text: string) => answer(`Micro-Error: ${text}\r\nX-Micro-Error: ${text}\r\n`)
/** What a server of version 1 says to the question when no handler has its id. */
const nobody = error("rpc: can't find service HeadraceStreamEnd")

/** What a server makes of a stream whose one request is followed by its end; it reads both before `script` begins. */
async function streamWith(script: (peer: RawPeer) => Promise<void>) {
  server = await scriptedServer(async peer => {
    const [, , end] = [await peer.message(), await peer.message(), await peer.message()]
    expect(end?.headers['Micro-Error']).toBe('EOS')
    await script(peer)
  })
  const options = { address: server.address, dialect: 'mucp', contentType: 'application/json' } as const
  return caller.client(Numbers, 'numbers').take([1], options)
}

async function valuesOf(stream: AsyncIterable<number>): Promise<number[]> {
  const values: number[] = []
  for await (const value of stream) values.push(value)
  return values
}

/** What stands in a question; the stream's id is 0. */
function expectQuestion({ headers }: HttpBytes): void {
  expect(headers).toMatchObject({
    'Micro-Service': 'numbers',
    'Micro-Endpoint': 'HeadraceStreamEnd.Ask',
    'Micro-Id': '0',
    'Micro-Error': 'EOS',
  })
  expect(headers).not.toHaveProperty('Micro-Stream')
}

describe('the end of a stream at a server of version 1, whose requests have ended', () => {
  it('is asked for, and told by the answer to the question; only then this side closes', async () => {
    let closed = false
    const stream = await streamWith(async peer => {
      void peer.ended().then(() => (closed = true))
      await settle()
      clock.advance(999)
      clock.advance(1)
      expectQuestion(await peer.message())
      expect(closed).toBe(false)
      peer.write(nobody)
      while (!closed) {
        clock.advance(20)
        await settle(1)
      }
      expect(await peer.ended()).toHaveLength(0)
      peer.end()
    })
    expect(await valuesOf(stream)).toEqual([])
  })

  it('is asked for less and less often while the handler runs', async () => {
    const stream = await streamWith(async peer => {
      await settle()
      for (const waitMs of [1_000, 2_000, 5_000, 5_000]) {
        clock.advance(waitMs - 1)
        clock.advance(1)
        expectQuestion(await peer.message())
      }
      peer.write(item(1) + error('EOS'))
      expect(await peer.ended()).toHaveLength(0) // each was asked once
      peer.end()
    })
    expect(await valuesOf(stream)).toEqual([1])
  })

  it('is asked for soon when each request was answered before the end', async () => {
    const requests = new Subject<number>()
    server = await scriptedServer(async peer => {
      await peer.message()
      await peer.message()
      peer.write(item(1))
      expect((await peer.message()).headers['Micro-Error']).toBe('EOS')
      await settle()
      for (const waitMs of [20, 200, 1_000]) {
        clock.advance(waitMs - 1)
        clock.advance(1)
        expectQuestion(await peer.message())
      }
      peer.write(error('EOS'))
      expect(await peer.ended()).toHaveLength(0)
      peer.end()
    })
    const options = { address: server.address, dialect: 'mucp', contentType: 'application/json' } as const
    const values: number[] = []
    const stream = caller.client(Numbers, 'numbers').take(requests, options)
    await new Promise<void>((resolve, reject) => {
      stream.subscribe({
        next: value => {
          values.push(value)
          queueMicrotask(() => requests.complete()) // the answer is taken when this returns
        },
        error: reject,
        complete: resolve,
      })
      requests.next(1)
    })
    expect(values).toEqual([1])
  })

  it('is asked for soon when the one answer of a client stream has come', async () => {
    server = await scriptedServer(async peer => {
      for (let message = 0; message < 4; message += 1) await peer.message()
      peer.write(item(3))
      let asked = false
      const question = peer.message().then(expectQuestion)
      void question.then(() => (asked = true))
      for (; !asked; await settle(1)) clock.advance(20)
      await question
      expect(clock.now()).toBeLessThan(1_000) // the wait for a stream whose answers are not all here
      peer.write(error('EOS'))
      await peer.ended()
      peer.end()
    })
    const options = { address: server.address, dialect: 'mucp', contentType: 'application/json' } as const
    expect(await caller.client(Numbers, 'numbers').add([1, 2], options)).toBe(3)
  })

  it('waits for answers that come behind the answer to the question', async () => {
    const stream = await streamWith(async peer => {
      await settle()
      clock.advance(1_000)
      expectQuestion(await peer.message())
      peer.write(nobody + item(1) + item(2))
      let over = false
      void peer.ended().then(() => (over = true))
      while (!over) {
        clock.advance(20)
        await settle(1)
      }
      peer.end()
    })
    expect(await valuesOf(stream)).toEqual([1, 2])
  })

  it('is not asked for while an answer waits to be taken', async () => {
    const [held, taken] = [new ReplaySubject<void>(1), new Subject<void>()]
    const stream = await streamWith(async peer => {
      peer.write(item(1))
      await firstValueFrom(held)
      clock.advance(10_000)
      taken.next()
      await settle()
      clock.advance(1_000)
      expectQuestion(await peer.message())
      peer.write(error('EOS'))
      expect(await peer.ended()).toHaveLength(0)
      peer.end()
    })
    for await (const value of stream) {
      expect(value).toBe(1)
      held.next()
      await firstValueFrom(taken)
    }
  })

  it('may be an error of the handler', async () => {
    const stream = await streamWith(async peer => {
      peer.write(error('{"id":"numbers","code":409,"detail":"taken","status":"Conflict"}'))
      expect(await peer.ended()).toHaveLength(0)
      peer.end()
    })
    await expect(valuesOf(stream)).rejects.toMatchObject({ kind: 'conflict', detail: 'taken' })
  })

  it('is asked for no more when the stream is cancelled', async () => {
    const running = new Subscription()
    let cancelled = () => {}
    const seen = new Promise<void>(resolve => (cancelled = resolve))
    const stream = await streamWith(async peer => {
      running.unsubscribe()
      clock.advance(10_000)
      expect(await peer.ended()).toHaveLength(0)
      cancelled()
    })
    running.add(stream.subscribe())
    await seen
  })
})
