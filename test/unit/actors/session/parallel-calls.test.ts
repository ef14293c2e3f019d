import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { bidi, work, type Flow, type Service } from 'headrace'
import { http } from 'headrace/adapters/transport/http'
import { ServiceError } from 'headrace/streams'
import type { HttpBytes } from '../../../support/http-bytes.js'
import { createMemoryNetwork, type MemoryNetwork } from '../../../support/memory-network.js'
import { dialRaw, type RawPeer } from '../../../support/raw-peer.js'

let network: MemoryNetwork
let service: Service
let peer: RawPeer
let waiting: Map<string, (value: unknown) => void>
let seen: unknown[]
let aborted: string[]

beforeEach(async () => {
  waiting = new Map()
  seen = []
  aborted = []
  network = createMemoryNetwork(() => http())
  service = network.makeService('test')
  service.handle({
    Test: {
      Wait: (name: string, { signal }: { signal: AbortSignal }) => {
        signal.addEventListener('abort', () => aborted.push(name))
        return new Promise(resolve => waiting.set(name, resolve))
      },
      Echo: bidi((items: Flow<number>) => items.pipe(work(item => (seen.push(item), item)))),
      Many: bidi((items: Flow<number>) =>
        items.pipe(
          work(function* (count) {
            for (let n = 0; n < count; n += 1) yield n
          }),
        ),
      ),
      Fail: bidi((items: Flow<number>) =>
        items.pipe(
          work(item => {
            throw new ServiceError('conflict', `not ${item}`)
          }),
        ),
      ),
    },
  })
  await service.start()
  peer = await dialRaw(service.address ?? '')
})

afterEach(async () => {
  peer.destroy()
  await network.close()
})

interface Sent {
  readonly id?: string
  readonly stream?: string
  readonly error?: string
  readonly body?: string
}

function send(endpoint: string, { id, stream, error, body = '' }: Sent): void {
  const headers = { 'Micro-Id': id, 'Micro-Stream': stream, 'Micro-Error': error }
  const lines = Object.entries(headers).map(([name, value]) =>
    value === undefined ? '' : `${name}: ${value}\r\n`,
  )
  const head = `POST / HTTP/1.1\r\nContent-Type: application/json\r\nMicro-Endpoint: Test.${endpoint}\r\n`
  peer.write(`${head}${lines.join('')}Content-Length: ${body.length}\r\n\r\n${body}`)
}

const open = (endpoint: string, id: string) => send(endpoint, { id, stream: id, body: '{}' })
const item = (endpoint: string, id: string, body: string) => send(endpoint, { id, stream: id, body })
const end = (endpoint: string, id: string) => send(endpoint, { id, stream: id, error: 'EOS' })
const shown = ({ headers, body }: HttpBytes) => [
  headers['Micro-Stream'] ?? headers['Micro-Id'],
  headers['Micro-Error'] ?? body.toString(),
]

/** Waits until so many handlers wait. */
async function untilWaiting(count: number): Promise<void> {
  while (waiting.size < count) await new Promise(resolve => setImmediate(resolve))
}

describe('calls of version 1 on one connection', () => {
  it('run side by side and are answered as they are done', async () => {
    for (const id of ['1', '2', '3']) send('Wait', { id, body: `"${id}"` })
    await untilWaiting(3)
    for (const id of ['3', '1', '2']) waiting.get(id)?.(`done ${id}`)
    const answers = [await peer.message(), await peer.message(), await peer.message()]
    expect(answers.map(shown)).toEqual([
      ['3', '"done 3"'],
      ['1', '"done 1"'],
      ['2', '"done 2"'],
    ])
  })

  it('without an id they follow one another', async () => {
    send('Wait', { body: '"a"' })
    send('Wait', { body: '"b"' })
    await untilWaiting(1)
    expect([...waiting.keys()]).toEqual(['a'])
    waiting.get('a')?.(1)
    await untilWaiting(2)
    waiting.get('b')?.(2)
    expect([(await peer.message()).body.toString(), (await peer.message()).body.toString()]).toEqual([
      '1',
      '2',
    ])
  })

  it('with an id that is used already they are all served', async () => {
    for (const name of ['a', 'b', 'c']) send('Wait', { id: '7', body: `"${name}"` })
    for (let count = 1; count <= 3; count += 1) {
      await untilWaiting(count)
      for (const [name, resolve] of waiting) resolve(name)
    }
    const answers = [await peer.message(), await peer.message(), await peer.message()]
    expect(answers.map(({ body }) => body.toString()).sort()).toEqual(['"a"', '"b"', '"c"'])
  })

  it('are cancelled when the connection is broken off', async () => {
    for (const id of ['1', '2']) send('Wait', { id, body: `"${id}"` })
    await untilWaiting(2)
    await service.abort(new ServiceError('unavailable', 'enough'))
    expect(aborted.sort()).toEqual(['1', '2'])
  })

  it('that wait are answered when the client has ended its direction', async () => {
    send('Wait', { id: '1', body: '"x"' })
    await untilWaiting(1)
    peer.end()
    await new Promise(resolve => setImmediate(resolve))
    waiting.get('x')?.('late')
    expect(shown(await peer.message())).toEqual(['1', '"late"'])
    expect(await peer.ended()).toHaveLength(0)
  })
})

describe('streams of version 1 on one connection', () => {
  it('are told apart by Micro-Stream, beside calls', async () => {
    open('Echo', 'a')
    open('Echo', 'b')
    item('Echo', 'a', '1')
    send('Wait', { id: 'w', body: '"w"' })
    item('Echo', 'b', '2')
    item('Echo', 'a', '3')
    expect(shown(await peer.message())).toEqual(['a', '1'])
    expect(shown(await peer.message())).toEqual(['b', '2'])
    expect(shown(await peer.message())).toEqual(['a', '3'])
    end('Echo', 'a')
    expect(shown(await peer.message())).toEqual(['a', 'EOS'])
    item('Echo', 'b', '4')
    expect(shown(await peer.message())).toEqual(['b', '4'])
    await untilWaiting(1)
    waiting.get('w')?.(5)
    expect(shown(await peer.message())).toEqual(['w', '5'])
    end('Echo', 'b')
    expect(shown(await peer.message())).toEqual(['b', 'EOS'])
  })

  it('that have failed take nothing more, until their client has ended them too', async () => {
    open('Fail', 's')
    item('Fail', 's', '1')
    expect((await peer.message()).headers['Micro-Error']).toContain('not 1')
    item('Fail', 's', '2')
    end('Fail', 's')
    open('Echo', 's') // the id is free again
    item('Echo', 's', '9')
    expect(shown(await peer.message())).toEqual(['s', '9'])
  })

  it('the end of a stream that nobody knows is passed over', async () => {
    end('Echo', 'nobody')
    open('Echo', 'a')
    item('Echo', 'a', '1')
    expect(shown(await peer.message())).toEqual(['a', '1'])
  })

  it('that are long share the connection', async () => {
    open('Many', 'long')
    item('Many', 'long', '100000')
    open('Echo', 'short')
    item('Echo', 'short', '1')
    let before = 0
    for (let next = shown(await peer.message()); next[0] === 'long'; next = shown(await peer.message()))
      before += 1
    expect(before).toBeLessThan(10_000)
  })

  it('an error of the client ends its requests with that error', async () => {
    open('Echo', 'a')
    send('Echo', { id: 'a', stream: 'a', error: 'gone' })
    expect((await peer.message()).headers['Micro-Error']).toContain('gone')
  })

  it('more than 1,024 at once are refused, and the others go on', async () => {
    for (let n = 0; n < 1_025; n += 1) open('Echo', `s${n}`)
    const refused = await peer.message()
    expect(refused.headers).toMatchObject({ 'Micro-Id': 's1024', 'Micro-Stream': 's1024' })
    expect(JSON.parse(refused.headers['Micro-Error'] ?? '')).toMatchObject({ code: 429 })
    item('Echo', 's0', '1')
    expect(shown(await peer.message())).toEqual(['s0', '1'])
  })
})
