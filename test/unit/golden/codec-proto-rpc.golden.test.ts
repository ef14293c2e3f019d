import { describe, expect, it, test } from 'vitest'
import type { TypeRef } from 'headrace/streams'
import { parseProto } from '../../../src/adapters/codec/proto-types.js'
import { protobuf } from '../../../src/adapters/codec/protobuf.js'
import { protoRpc } from '../../../src/wire/proto-rpc.js'
import { greeterTypes } from '../../support/greeter-types.js'
import { bytesOf, vector } from '../../support/vectors.js'

const file = '2017-codec-proto-rpc'
const { helloRequest, helloResponse, streamRequest, streamResponse, event } = greeterTypes
const debug = parseProto(`
  syntax = "proto3";
  message HealthRequest {}
  message HealthResponse { string status = 1; }
  message StatsResponse { uint64 started = 1; uint64 uptime = 2; uint64 memory = 3; uint64 threads = 4; uint64 gc = 5; }
`)
const empty = debug.type('HealthRequest')
const stats = { started: 1487980800n, uptime: 61n, memory: 1234567n, threads: 12n, gc: 99999n }
const envelope = protoRpc()
const codec = protobuf()
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')

interface Sample {
  readonly name: string
  readonly type: TypeRef
  readonly value: unknown
  /** Where the vector's own number is beyond what its JSON can hold. */
  readonly id?: bigint
}

const requests: readonly Sample[] = [
  { name: 'request-hello-seq0', type: helloRequest, value: { name: 'John' } },
  { name: 'request-hello-empty', type: helloRequest, value: { name: '' } },
  { name: 'request-void', type: empty, value: {} },
  { name: 'request-seq-1', type: streamRequest, value: { count: 0n } },
  { name: 'request-seq-2', type: streamRequest, value: { count: 7n } },
  { name: 'request-seq-big', type: streamRequest, value: { count: 300n }, id: 0x0102030405060708n },
  { name: 'request-negative-count', type: streamRequest, value: { count: -1n } },
  { name: 'request-unicode', type: helloRequest, value: { name: 'Jörg 世界 🎉' } },
  { name: 'request-long', type: helloRequest, value: { name: 'a'.repeat(300) } },
  { name: 'debug-health-request', type: empty, value: {} },
]

const answers: readonly Sample[] = [
  { name: 'response-hello-seq0', type: helloResponse, value: { greeting: 'Hello John' } },
  { name: 'response-empty', type: empty, value: {} },
  { name: 'response-stream-item', type: streamResponse, value: { count: 7n } },
  { name: 'debug-health-response', type: debug.type('HealthResponse'), value: { status: 'ok' } },
  { name: 'debug-stats-response', type: debug.type('StatsResponse'), value: stats },
]

const errors = ['response-error-json', 'response-error-plain', 'response-eos'] as const

describe('proto-rpc bodies of go-micro 2017', () => {
  test.each(requests)('$name is written byte for byte and read back', ({ name, type, value, id }) => {
    const golden = vector(file, name)
    const { method, seq } = inputOf(golden)
    const frame = { id: id ?? seq, endpoint: method, body: codec.encode(value, type) }
    expect(hex(envelope.writeRequest(frame, {}).body)).toBe(golden.hex)
    const read = envelope.readRequest({ headers: {}, body: bytesOf(golden) })
    expect(read).toMatchObject({ id: id ?? seq, endpoint: method })
    expect(codec.decode(read.body, type)).toEqual(value)
  })

  test.each(answers)('$name is written byte for byte and read back', ({ name, type, value }) => {
    const golden = vector(file, name)
    const { method, seq } = inputOf(golden)
    const frame = { id: seq, endpoint: method, body: codec.encode(value, type) }
    expect(hex(envelope.writeResponse(frame, {}).body)).toBe(golden.hex)
    const read = envelope.readResponse({ headers: {}, body: bytesOf(golden) })
    expect(read).toMatchObject({ id: seq, endpoint: method })
    expect(read.error).toBeUndefined()
    expect(codec.decode(read.body, type)).toEqual(value)
  })

  test.each(errors)('%s is written byte for byte and read back', name => {
    const golden = vector(file, name)
    const { method, seq, error } = inputOf(golden)
    const frame = { id: seq, endpoint: method, error, body: new Uint8Array(0) }
    expect(hex(envelope.writeResponse(frame, {}).body)).toBe(golden.hex)
    const read = envelope.readResponse({ headers: {}, body: bytesOf(golden) })
    expect(read).toMatchObject({ id: seq, endpoint: method, error })
    expect(read.body).toHaveLength(0)
  })

  it('publication-event is the bare message', () => {
    const golden = vector(file, 'publication-event')
    const value = { id: '1', timestamp: 1487980800n, message: 'hi' }
    expect(hex(codec.encode(value, event))).toBe(golden.hex)
    expect(codec.decode(bytesOf(golden), event)).toEqual(value)
  })
})

function inputOf({ input }: { readonly input?: unknown }) {
  return input as { readonly method: string; readonly seq: number; readonly error: string }
}
