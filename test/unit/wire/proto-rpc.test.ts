import { describe, expect, it, test } from 'vitest'
import { protoRpc } from '../../../src/wire/proto-rpc.js'

const envelope = protoRpc()
const frames = (envelopeHex: string, payloadHex = '') =>
  Buffer.concat([framed(envelopeHex), framed(payloadHex)])
const refusal = (detail: string) =>
  expect.objectContaining({ kind: 'bad_request', detail: expect.stringContaining(detail) })

function framed(hex: string): Buffer {
  const bytes = Buffer.from(hex, 'hex')
  const length = Buffer.alloc(4)
  length.writeUInt32BE(bytes.length)
  return Buffer.concat([length, bytes])
}

describe('an envelope', () => {
  it('has the defaults where fields are absent, as ja-micro leaves them out', () => {
    const body = frames('0a03412e42', '0801')
    expect(envelope.readRequest({ headers: {}, body })).toMatchObject({ id: 0, endpoint: 'A.B' })
    expect(envelope.readResponse({ headers: {}, body: frames('') })).toMatchObject({ id: 0, endpoint: '' })
    expect(envelope.readResponse({ headers: {}, body }).error).toBeUndefined()
  })

  it('skips fields it does not know, of every wire type, and those it knows with another', () => {
    const unknown = [
      '20ffffffffffffffffff01',
      '290102030405060708',
      '3203616263',
      '3d01020304',
      '0801',
      '1005',
      '1a00',
    ]
    const body = frames(`${unknown.join('')}0a03412e42`)
    expect(envelope.readResponse({ headers: {}, body })).toMatchObject({ id: 0, endpoint: 'A.B' })
  })

  it('takes the last of equal fields', () => {
    const body = frames('0a01410a0142' + '110100000000000000' + '110200000000000000')
    expect(envelope.readRequest({ headers: {}, body })).toMatchObject({ id: 2, endpoint: 'B' })
  })

  it('reads a sequence number beyond 2^53 as a bigint', () => {
    const largest = envelope.readRequest({ headers: {}, body: frames('11ffffffffffffffff') })
    expect(largest.id).toBe(2n ** 64n - 1n)
    expect(envelope.readRequest({ headers: {}, body: frames('11ffffffffffff1f00') }).id).toBe(2 ** 53 - 1)
  })

  it('writes every field, also the zeros', () => {
    const body = envelope.writeResponse({ id: null, endpoint: 'A.B', body: Buffer.alloc(0) }, {}).body
    expect(Buffer.from(body)).toEqual(frames('0a03412e42' + '110000000000000000' + '1a00'))
  })

  it('with a long error has a length of several bytes', () => {
    const error = 'ü'.repeat(10_000)
    const message = envelope.writeResponse({ id: 1, endpoint: 'A.B', error, body: Buffer.alloc(0) }, {})
    expect(envelope.readResponse(message).error).toBe(error)
  })
})

test.each(['abc', -1, 1.5, 2n ** 64n, -1n])('the id %s has no form', id => {
  const frame = { id, endpoint: 'A.B', body: Buffer.alloc(0) }
  expect(() => envelope.writeRequest(frame, {})).toThrow(refusal(`id ${id} is no unsigned 64-bit number`))
})

describe('limits', () => {
  const small = protoRpc({ maxEnvelopeBytes: 8, maxPayloadBytes: 4 })
  const read = (body: Uint8Array) => small.readRequest({ headers: {}, body })

  it('hold to the byte', () => {
    expect(read(frames('0a06' + '41'.repeat(6), '01020304')).endpoint).toBe('AAAAAA')
    expect(() => read(frames('0a07' + '41'.repeat(7)))).toThrow(
      refusal('envelope of 9 bytes; the limit is 8'),
    )
    expect(() => read(frames('', '0102030405'))).toThrow(refusal('payload of 5 bytes; the limit is 4'))
  })

  it('are checked before the data: a length alone cannot make anyone wait', () => {
    expect(() => read(Buffer.from('ffffffff', 'hex'))).toThrow(refusal('4294967295 bytes; the limit is 8'))
  })

  it('are refused when they are no numbers', () => {
    expect(() => protoRpc({ maxEnvelopeBytes: 0 })).toThrow(refusal('maxEnvelopeBytes'))
  })
})
