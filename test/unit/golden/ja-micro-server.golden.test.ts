import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { http } from 'headrace/adapters/transport/http'
import { ServiceError } from 'headrace/streams'
import { protobuf } from '../../../src/adapters/codec/protobuf.js'
import { jsonRpc } from '../../../src/wire/json-rpc.js'
import { protoRpc } from '../../../src/wire/proto-rpc.js'
import { deliberateDifferences } from '../../support/deliberate-differences.js'
import { makeGoGreeter } from '../../support/go-greeter.js'
import { greeterTypes } from '../../support/greeter-types.js'
import { createMemoryNetwork, type MemoryNetwork } from '../../support/memory-network.js'
import { dialRaw, type RawPeer } from '../../support/raw-peer.js'
import { bytesOf, vector } from '../../support/vectors.js'

const file = 'ja-constructed'
const jaHead = 'POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-Correlation-Id: 7\r\n'
const goHead = 'POST / HTTP/1.1\r\nHost: x\r\nTimeout: 5000000000\r\n'
const protoBody = protoRpc()
const jsonBody = jsonRpc()
const differs = (name: string) => expect(deliberateDifferences[`${file}/${name}`]).toBeDefined()
const textOf = (name: string) => bytesOf(vector(file, name)).toString()

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

async function post(body: Uint8Array | string, type: string, head = jaHead) {
  const peer = await dial()
  const bytes = Buffer.from(body)
  peer.write(`${head}Content-type: ${type}\r\nContent-Length: ${bytes.length}\r\n\r\n`)
  peer.write(bytes)
  return { peer, answer: await peer.message() }
}

const asking = (method: string) => `{"id":1,"method":"${method}","params":[{"name":"John"}]}`

describe('a server answers a client of ja-micro', () => {
  it('request-hello: as in response-hello-seq0, with the defaults written, and closes', async () => {
    differs('response-hello-seq0')
    const { peer, answer } = await post(bytesOf(vector(file, 'request-hello')), 'application/octet-stream')
    const read = protoBody.readResponse({ headers: {}, body: answer.body })
    expect(read).toEqual(
      protoBody.readResponse({ headers: {}, body: bytesOf(vector(file, 'response-hello-seq0')) }),
    )
    expect(await peer.ended()).toHaveLength(0)
  })

  it('json-request: as in json-response', async () => {
    const { answer } = await post(textOf('json-request'), 'application/json')
    const { result, error } = JSON.parse(textOf('json-response'))
    expect(JSON.parse(answer.body.toString())).toEqual({ id: null, result, error })
  })

  it('json-response-no-id: a request without an id is answered with null', async () => {
    differs('json-response-no-id')
    const { answer } = await post('{"method":"Greeter.Hello","params":[{"name":"John"}]}', 'application/json')
    const { result } = JSON.parse(textOf('json-response-no-id'))
    expect(JSON.parse(answer.body.toString())).toEqual({ id: null, result, error: null })
  })

  it('json-error: the error is an object, with the fields of go-micro beside', async () => {
    const { answer } = await post(asking('Greeter.Fail'), 'application/json')
    const theirs = JSON.parse(textOf('json-error'))
    const ours = JSON.parse(answer.body.toString())
    expect({ ...ours, error: undefined }).toEqual({ ...theirs, error: undefined })
    const source = 'go.micro.srv.greeter'
    expect(ours.error).toEqual({
      ...theirs.error,
      message: 'boom John',
      source,
      id: source,
      detail: 'boom John',
      status: 'Bad Request',
    })
  })

  it('response-error: the same object is the text of the error in proto-rpc', async () => {
    const asked = protoBody.readRequest({ headers: {}, body: bytesOf(vector(file, 'request-hello')) })
    const { body } = protoBody.writeRequest({ ...asked, endpoint: 'Greeter.Fail' }, {})
    const { answer } = await post(body, 'application/octet-stream')
    const read = protoBody.readResponse({ headers: {}, body: answer.body })
    const theirs = protoBody.readResponse({ headers: {}, body: bytesOf(vector(file, 'response-error')) })
    const { message: _, source: __, ...rest } = JSON.parse(theirs.error ?? '')
    expect(JSON.parse(read.error ?? '')).toMatchObject({ ...rest, message: 'boom John' })
  })

  it('json-unknown-method: not_found in the words of go-micro, with the id', async () => {
    differs('json-unknown-method')
    const { answer } = await post(asking('Greeter.Nope'), 'application/json')
    expect(Object.keys(JSON.parse(textOf('json-unknown-method')).error)).toEqual(
      Object.keys(JSON.parse(textOf('json-error')).error),
    )
    expect(JSON.parse(answer.body.toString())).toMatchObject({
      id: 1,
      error: { category: 404, message: `rpc: can't find method Greeter.Nope`, retriable: false },
    })
  })

  it('a body that cannot be read is a bad_request as an object', async () => {
    const { answer } = await post('hello', 'application/json')
    expect(JSON.parse(answer.body.toString())).toMatchObject({ id: null, error: { category: 400 } })
  })

  it.each([
    ['application/json; charset=utf-8', 'application/json'],
    ['application/json;charset=UTF-8', 'application/json'],
  ])('the type %s is read as %s', async (type, known) => {
    const { answer } = await post(textOf('json-request'), type)
    expect(answer.headers['Content-Type']).toBe(known)
    expect(JSON.parse(answer.body.toString())).toMatchObject({ error: null })
  })

  it.each([
    ['application/protobuf; proto=x', 'application/protobuf'],
    ['application/octet-stream; a=b', 'application/octet-stream'],
  ])('the type %s is read as %s', async (type, known) => {
    const { answer } = await post(bytesOf(vector(file, 'request-hello')), type)
    expect(answer.headers['Content-Type']).toBe(known)
    expect(protoBody.readResponse({ headers: {}, body: answer.body }).error).toBeUndefined()
  })

  it('a type that begins like none is refused in the words of go-micro', async () => {
    const { answer } = await post('<x/>', 'application/xml')
    expect(answer.body.toString()).toBe('Unsupported Content-Type: application/xml')
  })
})

describe('who is not ja-micro is answered as ever', () => {
  it.each([
    goHead,
    `${goHead}X-Correlation-Id: 7\r\nConnection: close\r\n`,
    'POST / HTTP/1.1\r\nHost: x\r\nX-Correlation-Id: 7\r\n',
    'POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n',
  ])('%j', async head => {
    const { answer } = await post(asking('Greeter.Fail'), 'application/json', head)
    const { error } = JSON.parse(answer.body.toString())
    expect(JSON.parse(error)).toMatchObject({ code: 400, detail: 'boom John' })
    const typed = await post(asking('Greeter.Hello'), 'application/json; charset=utf-8', head)
    expect(typed.answer.body.toString()).toBe('Unsupported Content-Type: application/json; charset=utf-8')
  })
})

describe('a client reads what ja-micro answers', () => {
  it.each(['response-hello-seq0', 'response-hello-seq3'])('%s', name => {
    const read = protoBody.readResponse({ headers: {}, body: bytesOf(vector(file, name)) })
    expect(read).toMatchObject({ endpoint: 'Greeter.Hello', id: name.endsWith('3') ? 3 : 0 })
    expect(read.error).toBeUndefined()
    expect(protobuf().decode(read.body, greeterTypes.helloResponse)).toEqual({ greeting: 'Hello John' })
  })

  it('request-hello: what ours sends means the same, with the sequence number written', () => {
    differs('request-hello')
    const theirs = protoBody.readRequest({ headers: {}, body: bytesOf(vector(file, 'request-hello')) })
    const { body } = protoBody.writeRequest({ ...theirs, id: 0 }, {})
    const ours = protoBody.readRequest({ headers: {}, body })
    expect({ ...ours, body: Buffer.from(ours.body) }).toEqual(theirs)
    expect(body.byteLength).toBeGreaterThan(bytesOf(vector(file, 'request-hello')).length)
  })

  it.each([
    ['json-error', 400, 'boom'],
    ['json-unknown-method', 400, `No handler registered for method 'Greeter.Nope'`],
  ])('%s', (name, code, detail) => {
    const { error } = jsonBody.readResponse({ headers: {}, body: bytesOf(vector(file, name)) })
    expect(ServiceError.fromWire(error ?? '')).toMatchObject({ code, detail })
  })

  it.each(['json-response', 'json-response-no-id'])('%s', name => {
    const { body, error } = jsonBody.readResponse({ headers: {}, body: bytesOf(vector(file, name)) })
    expect(error).toBeUndefined()
    expect(Buffer.from(body).toString()).toBe('{"greeting":"Hello John"}')
  })
})

describe('probes', () => {
  const health = '{"summary":"OK","details":[]}'

  it('GET /health, and GET and HEAD of /, one after the other and beside calls', async () => {
    const peer = await dial()
    for (const _ of [1, 2]) {
      peer.write('GET /health HTTP/1.1\r\nHost: x\r\n\r\n')
      const answer = await peer.message()
      expect([answer.start, answer.headers['Content-Type']]).toEqual(['HTTP/1.1 200 OK', 'application/json'])
      expect(answer.body.toString()).toBe(health)
      for (const method of ['GET', 'HEAD']) {
        peer.write(`${method} / HTTP/1.1\r\nHost: x\r\n\r\n`)
        const { start, body } = await peer.message()
        expect([start, body.length]).toEqual(['HTTP/1.1 200 OK', 0])
      }
      const call = asking('Greeter.Hello')
      peer.write(
        `GET /health HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: ${call.length}\r\n\r\n${call}`,
      )
      expect((await peer.message()).body.toString()).toContain('Hello John')
    }
  })

  it('HEAD /health has no body, and Connection: close is honoured', async () => {
    const peer = await dial()
    peer.write('HEAD /health?verbose HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
    expect((await peer.message()).body).toHaveLength(0)
    expect(await peer.ended()).toHaveLength(0)
  })

  it.each(['GET /other', 'POST /health', 'POST /'])('%s without a type is no probe', async line => {
    const peer = await dial()
    peer.write(`${line} HTTP/1.1\r\nHost: x\r\n\r\n`)
    expect((await peer.message()).body.toString()).toBe('Unsupported Content-Type: ')
  })
})
