import { describe, expect, it } from 'vitest'
import type { Codec } from 'headrace/streams'
import { json } from '../../../src/adapters/codec/json.js'
import { protobuf } from '../../../src/adapters/codec/protobuf.js'
import { parseProto } from '../../../src/adapters/codec/proto-types.js'
import { ReceivedMessage, decodeFrame } from '../../../src/streams/received-message.js'

const type = parseProto('syntax = "proto3"; message Chunk { string name = 1; bytes data = 2; }').type('Chunk')
const older = parseProto('syntax = "proto3"; message Chunk { string name = 1; }').type('Chunk')

/** A message between others in a large piece of memory. */
function received(body: Uint8Array) {
  const memory = new Uint8Array(64 * 1024).fill(0x7f)
  memory.set(body, 1000)
  const kept: number[] = []
  const keeper = {
    of(bytes: Uint8Array) {
      kept.push(bytes.length)
      return new Uint8Array(bytes)
    },
  }
  const message = new ReceivedMessage({}, memory, 1000, 1000 + body.length, keeper)
  return { message, memory, kept }
}

const frameOf = (message: ReceivedMessage) => ({ message, body: new Uint8Array(0) })

describe('a received message', () => {
  const small = { name: 'a', data: new Uint8Array(100).fill(7) }
  const large = { name: 'a', data: new Uint8Array(10_000).fill(7) }

  it('that is small is decoded where it lies, and keeps nothing of it', () => {
    const { message, memory, kept } = received(type.encodeBinary(small))
    const value = decodeFrame(protobuf(), frameOf(message), type)
    memory.fill(0)
    expect(value).toEqual(small)
    message.keep()
    expect(kept).toEqual([])
  })

  it('with fields that its type does not know has them in memory of their own', () => {
    const body = type.encodeBinary(small)
    const { message, memory } = received(body)
    const value = decodeFrame(protobuf(), frameOf(message), older)
    memory.fill(0)
    expect(older.encodeBinary(value as Record<string, unknown>)).toEqual(body)
  })

  it('gives a body that may be kept where it was told so', () => {
    const body = type.encodeBinary(small)
    const { message, memory, kept } = received(body)
    message.keepBody()
    expect(message.body).toEqual(body)
    memory.fill(0)
    expect(message.body).toEqual(body)
    expect(kept).toEqual([body.length])
  })

  it('that is large is decoded from a view, unless it is to be kept', () => {
    const body = type.encodeBinary(large)
    const { message, memory, kept } = received(body)
    expect(message.body.buffer).toBe(memory.buffer)
    message.keep()
    memory.fill(0)
    expect(kept).toEqual([body.length])
    expect(message.decode(protobuf(), type)).toEqual(large)
  })

  it('is decoded from its body by a codec that cannot read a part', () => {
    const { encode, decode, name } = json()
    const whole: Codec = { name, encode, decode }
    const { message } = received(encode({ a: 1 }))
    expect(decodeFrame(whole, frameOf(message))).toEqual({ a: 1 })
    expect(decodeFrame(whole, { body: encode({ b: 2 }) })).toEqual({ b: 2 })
  })
})
