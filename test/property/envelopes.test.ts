import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ServiceError, type Envelope, type FrameId } from 'headrace/streams'
import { bare } from '../../src/wire/bare.js'
import { jsonRpc } from '../../src/wire/json-rpc.js'
import { protoRpc } from '../../src/wire/proto-rpc.js'

const endpoint = fc.string({ unit: 'grapheme' })
const jsonBody = fc.json().map(text => new TextEncoder().encode(text))
const number: fc.Arbitrary<FrameId> = fc.oneof(
  fc.maxSafeNat(),
  fc.bigInt({ min: 2n ** 53n, max: 2n ** 64n - 1n }),
)
const id: fc.Arbitrary<FrameId> = fc.oneof(number, fc.string(), fc.constant(null))
const errorText = fc.string({ unit: 'grapheme', minLength: 1 })

const envelopes = [
  { envelope: jsonRpc(), ids: id, bodies: jsonBody },
  { envelope: protoRpc(), ids: number, bodies: fc.uint8Array() },
  { envelope: bare(), ids: fc.constant<FrameId>(null), bodies: fc.uint8Array() },
]

describe.each(envelopes)('$envelope.name', ({ envelope, ids, bodies }) => {
  it('any request survives', () => {
    fc.assert(
      fc.property(ids, endpoint, bodies, (callId, name, body) => {
        const read = envelope.readRequest(envelope.writeRequest({ id: callId, endpoint: name, body }, {}))
        expect({ ...read, body: Uint8Array.from(read.body) }).toStrictEqual({
          id: callId,
          endpoint: name,
          body,
        })
      }),
      { numRuns: 200 },
    )
  })

  it('any answer survives, and any error', () => {
    fc.assert(
      fc.property(ids, bodies, errorText, (callId, body, error) => {
        const answer = envelope.readResponse(
          envelope.writeResponse({ id: callId, endpoint: 'A.B', body }, {}),
        )
        expect(answer.id).toBe(callId)
        expect(answer.error).toBeUndefined()
        expect(Uint8Array.from(answer.body)).toStrictEqual(body)
        const failed = { id: callId, endpoint: 'A.B', error, body: new Uint8Array(0) }
        expect(envelope.readResponse(envelope.writeResponse(failed, {})).error).toBe(error)
      }),
      { numRuns: 200 },
    )
  })

  it('any bytes, and any message cut or changed, are a frame or bad_request', () => {
    const written = fc.tuple(ids, endpoint, bodies).map(([callId, name, body]) => {
      return envelope.writeRequest({ id: callId, endpoint: name, body }, {}).body
    })
    const damaged = fc.tuple(written, fc.nat(), fc.nat(255), fc.nat()).map(([bytes, at, byte, cut]) => {
      const body = Uint8Array.from(bytes)
      body[at % body.length] = byte
      return body.subarray(0, cut % (body.length + 1))
    })
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 60 }), damaged, written), body => {
        isFrameOrRefused(envelope, body)
      }),
      { numRuns: 500 },
    )
  })
})

function isFrameOrRefused(envelope: Envelope, body: Uint8Array): void {
  for (const read of [envelope.readRequest, envelope.readResponse])
    try {
      read({ headers: {}, body })
    } catch (error) {
      expect(error).toBeInstanceOf(ServiceError)
      expect(error).toMatchObject({ kind: 'bad_request' })
    }
}
