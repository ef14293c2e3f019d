import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { http } from 'headrace/adapters/transport/http'
import { ServiceError, type ErrorKind } from 'headrace/streams'
import { deliberateDifferences } from '../../support/deliberate-differences.js'
import { makeGoGreeter } from '../../support/go-greeter.js'
import { allMessages, type HttpBytes } from '../../support/http-bytes.js'
import { createMemoryNetwork, type MemoryNetwork } from '../../support/memory-network.js'
import { dialRaw, type RawPeer } from '../../support/raw-peer.js'
import { essenceOf, spelledTwice } from '../../support/v118.js'
import { bytesOf, vector } from '../../support/vectors.js'

const file = 'v118-http-unary'

let network: MemoryNetwork
let peer: RawPeer
let events: unknown[]

beforeEach(async () => {
  events = []
  network = createMemoryNetwork(() => http())
  const service = makeGoGreeter(network)
  service.subscribe('events', (event, { metadata }) => void events.push({ event, metadata }))
  await service.start()
  peer = await dialRaw(service.address ?? '')
})

afterEach(async () => {
  peer.destroy()
  await network.close()
})

/** All bytes of one direction of a capture. */
function captured(name: string, dir: 'client>server' | 'server>client'): Buffer {
  const segments = vector(file, name).segments ?? []
  return Buffer.concat(
    segments
      .filter(segment => segment.dir === dir && (segment.hex ?? segment.text) !== undefined)
      .map(bytesOf),
  )
}

/** Sends what the Go client sent, and reads as many answers as the Go server gave. */
async function replay(name: string): Promise<{ ours: HttpBytes[]; theirs: readonly HttpBytes[] }> {
  const theirs = allMessages(captured(name, 'server>client')).messages
  peer.write(captured(name, 'client>server'))
  const ours: HttpBytes[] = []
  while (ours.length < theirs.length) ours.push(await peer.message())
  expect(ours.every(spelledTwice)).toBe(true)
  return { ours, theirs }
}

/** The connection still serves calls. */
async function expectOpen(): Promise<void> {
  const head = 'POST / HTTP/1.1\r\nContent-Type: application/json\r\nMicro-Endpoint: Debug.Health\r\n'
  peer.write(`${head}Micro-Id: 99\r\nContent-Length: 2\r\n\r\n{}`)
  const { headers, body } = await peer.message()
  expect(headers['Micro-Id']).toBe('99')
  expect(body.toString()).toBe('{"status":"ok"}')
}

const differs = (name: string) => expect(deliberateDifferences[`${file}/${name}`]).toBeDefined()

describe('a server answers a client of version 1', () => {
  it.each([
    'mucp-unary application/protobuf',
    'mucp-error application/protobuf',
    'mucp-unary application/json',
    'mucp-error application/json',
    'mucp-unary application/proto-rpc',
    'mucp-error application/proto-rpc',
    'mucp-unary application/json-rpc',
    'mucp-error application/json-rpc',
    'mucp-void application/protobuf',
    'mucp-void application/json',
    'mucp-health',
    'legacy-unary application/protobuf',
    'legacy-error application/protobuf',
    'legacy-unary application/json',
    'legacy-error application/json',
    'legacy-unary application/json-rpc',
    'legacy-error application/json-rpc',
    'raw-mucp-method-only',
    'raw-mucp-endpoint-only',
    'raw-no-content-type',
    'raw-unsupported',
    'raw-content-type-params',
    'raw-empty-body',
    'raw-two-same-id',
    'raw-grpc-h2-upgrade',
    'pooled-two-calls',
  ])('%s: with what counts, and the connection goes on', async name => {
    const { ours, theirs } = await replay(name)
    expect(ours.map(essenceOf)).toEqual(theirs.map(essenceOf))
    await expectOpen()
  })

  it('raw-topic: an event is delivered and answered; raw-topic-seen: this is what its subscriber sees', async () => {
    const { ours, theirs } = await replay('raw-topic')
    expect(ours.map(essenceOf)).toEqual(theirs.map(essenceOf))
    for (const name of ['Micro-Topic', 'Micro-Id'])
      expect(ours[0]?.headers[name]).toBe(theirs[0]?.headers[name])
    const { event } = vector(file, 'raw-topic-seen').json as { readonly event: unknown }
    differs('raw-topic-seen')
    expect(events).toEqual([{ event, metadata: {} }])
    await expectOpen()
  })
})

describe('a server differs from that of version 1', () => {
  const refusals: readonly (readonly [name: string, kind: ErrorKind])[] = [
    ['mucp-plain-error application/json', 'internal'],
    ['mucp-unknown-method application/json', 'not_found'],
    ['mucp-unknown-service application/json', 'not_found'],
    ['mucp-ill-formed application/json', 'bad_request'],
  ]

  it.each(refusals)('%s: the text of Go is the detail of an error object', async (name, kind) => {
    differs(name)
    const { ours, theirs } = await replay(name)
    const error = new ServiceError(kind, theirs[0]?.headers['Micro-Error'] ?? '', { id: 'greeter' }).toWire()
    expect(ours.map(({ headers }) => headers['Micro-Error'])).toEqual([error])
    expect(ours[0]?.headers['Micro-Id']).toBe(theirs[0]?.headers['Micro-Id'])
    expect(ours[0]?.body).toHaveLength(0)
    await expectOpen()
  })

  it.each(['legacy-unary application/octet-stream', 'legacy-error application/octet-stream'])(
    '%s: the frame is recognised and answered, where Go waits for ever',
    async name => {
      differs(name)
      expect(captured(name, 'server>client')).toHaveLength(0)
      peer.write(captured(name, 'client>server'))
      const ours = await peer.message()
      const framed = name.replace('octet-stream', 'protobuf')
      const [theirs] = allMessages(captured(framed, 'server>client')).messages
      expect(ours.headers['Content-Type']).toBe('application/octet-stream')
      expect(ours.body).toEqual(theirs?.body)
    },
  )

  it.each(['raw-2017-json', 'raw-2017-json-error', 'raw-x-micro-target'])(
    '%s: the id comes back as it was sent, so that clients of 2017 can read it',
    async name => {
      differs(name)
      const { ours } = await replay(name)
      expect(JSON.parse(ours[0]?.body.toString() ?? '')).toMatchObject({ id: 0 })
      expect(ours[0]?.headers).not.toHaveProperty('Micro-Error')
      await expectOpen()
    },
  )

  it('raw-x-micro: an id in the spelling of winter 2018 comes back in both', async () => {
    differs('raw-x-micro')
    const { ours, theirs } = await replay('raw-x-micro')
    expect(ours.map(essenceOf)).toEqual(theirs.map(answer => ({ ...essenceOf(answer), id: '5' })))
  })

  it.each(['raw-bad-json', 'raw-unknown-field'])('%s: the words are our own', async name => {
    differs(name)
    const { ours, theirs } = await replay(name)
    expect(theirs[0]?.headers['Micro-Error']).toBeDefined()
    if (name === 'raw-unknown-field') {
      expect(ours[0]?.body.toString()).toBe('{"greeting":"Hello John"}')
    } else {
      expect(JSON.parse(ours[0]?.headers['Micro-Error'] ?? '')).toMatchObject({ code: 400 })
      expect(ours[0]?.headers['Micro-Id']).toBe(theirs[0]?.headers['Micro-Id'])
    }
    await expectOpen()
  })
})
