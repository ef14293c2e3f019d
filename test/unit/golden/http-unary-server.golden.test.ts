import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { http } from 'headrace/adapters/transport/http'
import { ServiceError, type ErrorKind } from 'headrace/streams'
import { deliberateDifferences } from '../../support/deliberate-differences.js'
import { makeGoGreeter } from '../../support/go-greeter.js'
import { allMessages, type HttpBytes } from '../../support/http-bytes.js'
import { createMemoryNetwork, type MemoryNetwork } from '../../support/memory-network.js'
import { dialRaw, type RawPeer } from '../../support/raw-peer.js'
import { bytesOf, vector } from '../../support/vectors.js'

const file = '2017-http-unary'

let network: MemoryNetwork
let address: string
const peers: RawPeer[] = []

beforeEach(async () => {
  network = createMemoryNetwork(() => http())
  const service = makeGoGreeter(network)
  await service.start()
  address = service.address ?? ''
})

afterEach(async () => {
  for (const peer of peers.splice(0)) peer.destroy()
  await network.close()
})

async function dial(): Promise<RawPeer> {
  const peer = await dialRaw(address)
  peers.push(peer)
  return peer
}

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
async function replay(
  name: string,
): Promise<{ peer: RawPeer; ours: HttpBytes[]; theirs: readonly HttpBytes[] }> {
  const theirs = allMessages(captured(name, 'server>client')).messages
  const peer = await dial()
  peer.write(captured(name, 'client>server'))
  const ours: HttpBytes[] = []
  while (ours.length < theirs.length) ours.push(await peer.message())
  return { peer, ours, theirs }
}

/** What counts in an answer. Headers of the request that Go echoes are for nobody (PROTOCOL section 2.2) and are left out. */
function essence({ start, headers, body }: HttpBytes) {
  return {
    start,
    type: headers['Content-Type'],
    length: headers['Content-Length'],
    body: body.toString('latin1'),
  }
}

/** The connection still serves calls. */
async function expectOpen(peer: RawPeer): Promise<void> {
  const body = '{"method":"Debug.Health","params":[{}],"id":99}'
  peer.write(
    `POST / HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  )
  const answer = await peer.message()
  expect(answer.body.toString()).toBe('{"id":99,"result":{"status":"ok"},"error":null}\n')
}

/** The error object in the text of a json-rpc answer. */
function errorIn({ body }: HttpBytes): unknown {
  const { error } = JSON.parse(body.toString()) as { readonly error: string }
  return JSON.parse(error)
}

describe('a server answers the bytes of a client of go-micro 2017', () => {
  it.each([
    'unary-octet-stream',
    'unary-protobuf',
    'unary-json',
    'unary-json-rpc',
    'unary-void-proto',
    'unary-void-json',
    'unary-handler-error-proto',
    'unary-handler-error-json',
    'debug-health',
    'raw-minimal-json',
    'raw-chunked',
    'raw-http10',
    'raw-pipelined-two',
    'raw-params-empty',
    'raw-expect-continue',
    'pooled-two-calls',
  ])('%s: with the same bytes, and the connection goes on', async name => {
    const { peer, ours, theirs } = await replay(name)
    expect(ours.map(essence)).toEqual(theirs.map(essence))
    for (const { lines } of ours)
      expect(lines.map(line => line.split(':', 1)[0])).toEqual(['Content-Length', 'Content-Type'])
    await expectOpen(peer)
  })

  it.each(['unary-json', 'unary-octet-stream'])('%s: who closes is closed', async name => {
    const { peer } = await replay(name)
    peer.end()
    expect(await peer.ended()).toHaveLength(0)
  })

  it.each(['raw-unsupported-content-type', 'raw-content-type-params', 'raw-no-content-type'])(
    '%s: with the same bytes, and the connection ends',
    async name => {
      const { peer, ours, theirs } = await replay(name)
      expect(ours.map(essence)).toEqual(theirs.map(essence))
      expect(await peer.ended()).toHaveLength(0)
    },
  )
})

/** What is deliberately not as in Go: each has its reason in the table, and what is done instead here. */
describe('a server differs where Go says too little', () => {
  const differs = (name: string) => expect(deliberateDifferences[`${file}/${name}`]).toBeDefined()

  it('unary-metadata: a handler does not see the headers of one hop', async () => {
    differs('unary-metadata')
    const { ours, theirs } = await replay('unary-metadata')
    const result = ({ body }: HttpBytes | { body: string }) =>
      (JSON.parse(body.toString()) as { result: { headers: Record<string, string> } }).result.headers
    const { Accept: _, 'Content-Length': __, 'User-Agent': ___, ...rest } = result(theirs[0] ?? { body: '' })
    expect(rest).toEqual({ Foo: 'bar', 'X-Micro-From-Service': 'tests', 'X-User-Id': '42' })
    expect(result(ours[0] ?? { body: '' })).toEqual(rest)
  })

  const refusals: readonly (readonly [name: string, kind: ErrorKind])[] = [
    ['unary-plain-error-json', 'internal'],
    ['unary-unknown-method', 'not_found'],
    ['unary-unknown-service', 'not_found'],
    ['unary-ill-formed', 'bad_request'],
  ]

  it.each(refusals)('%s: the text of Go is the detail of an error object', async (name, kind) => {
    differs(name)
    const { peer, ours, theirs } = await replay(name)
    const goBody = JSON.parse(theirs[0]?.body.toString() ?? '') as {
      id: unknown
      result: unknown
      error: string
    }
    const error = new ServiceError(kind, goBody.error, { id: 'greeter' }).toWire()
    expect(ours.map(({ body }) => body.toString())).toEqual([`${JSON.stringify({ ...goBody, error })}\n`])
    await expectOpen(peer)
  })

  it('unary-ill-formed-3: so in proto-rpc', async () => {
    differs('unary-ill-formed-3')
    const { peer, ours, theirs } = await replay('unary-ill-formed-3')
    const text = 'rpc: service/method request ill-formed: go.Greeter.Hello'
    const error = new ServiceError('bad_request', text, { id: 'greeter' }).toWire()
    expect(theirs[0]?.body.toString('latin1')).toContain(
      `\x1a${String.fromCharCode(text.length)}${text}\0\0\0\0`,
    )
    expect(error.length).toBeLessThan(128)
    const envelope = Buffer.from(
      `\x0a\x10go.Greeter.Hello\x11${'\0'.repeat(8)}\x1a${String.fromCharCode(error.length)}${error}`,
    )
    const expected = Buffer.concat([Buffer.of(0, 0, 0, envelope.length), envelope, Buffer.alloc(4)])
    expect(ours[0]?.body.toString('hex')).toBe(expected.toString('hex'))
    await expectOpen(peer)
  })

  it.each([
    ['unary-json-wrong-type', /name/],
    ['raw-params-object', /params is an object/],
  ])('%s: the words are our own, and the connection goes on', async (name, words) => {
    differs(name)
    const { peer, ours, theirs } = await replay(name)
    expect(theirs[0]?.body.toString()).toContain('json: cannot unmarshal')
    expect(errorIn(ours[0] ?? expect.fail('no answer'))).toMatchObject({
      code: 400,
      detail: expect.stringMatching(words) as string,
    })
    await expectOpen(peer)
  })

  it('raw-params-null: an answer instead of a panic', async () => {
    differs('raw-params-null')
    expect(captured('raw-params-null', 'server>client')).toHaveLength(0)
    const { peer } = await replay('raw-params-null')
    const answer = await peer.message()
    expect(JSON.parse(answer.body.toString())).toMatchObject({ id: 1, result: {} })
    expect(errorIn(answer)).toMatchObject({
      code: 400,
      detail: expect.stringContaining('params is null') as string,
    })
    await expectOpen(peer)
  })

  it.each(['raw-not-json', 'raw-empty-body-json'])('%s: an answer before the end', async name => {
    differs(name)
    expect(captured(name, 'server>client')).toHaveLength(0)
    const { peer } = await replay(name)
    const answer = await peer.message()
    expect(answer.start).toBe('HTTP/1.1 200 OK')
    expect(JSON.parse(answer.body.toString())).toMatchObject({ id: null, result: {} })
    expect(errorIn(answer)).toMatchObject({
      code: 400,
      detail: expect.stringContaining('json-rpc') as string,
    })
    expect(await peer.ended()).toHaveLength(0)
  })

  it('raw-connection-close: the wish is granted', async () => {
    differs('raw-connection-close')
    const { peer, ours, theirs } = await replay('raw-connection-close')
    expect(ours.map(essence)).toEqual(theirs.map(essence))
    expect(ours[0]?.headers['Connection']).toBe('close')
    expect(await peer.ended()).toHaveLength(0)
  })
})
