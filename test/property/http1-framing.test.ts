import fc from 'fast-check'
import { expect, it } from 'vitest'
import { ServiceError } from 'headrace/streams'
import {
  HeadWriter,
  createRequestParser,
  createResponseParser,
  type HttpParser,
  type HttpRequest,
  type HttpResponse,
} from '../../src/wire/http1.js'
import { parseIn, wideLimits, joinMessage } from '../support/framing.js'

const name = fc.stringMatching(/^[a-z][a-z0-9]{0,8}(-[a-z0-9]{1,6})?$/).map(text => `X-${text}`)
const value = fc.string({ unit: 'grapheme', maxLength: 40 }).map(text => text.replace(/[\0\r\n]/g, '').trim())
const body = fc.uint8Array({ maxLength: 300 })
const message = fc.record({ headers: fc.dictionary(name, value, { maxKeys: 6 }), body })

const canonical = (headers: Readonly<Record<string, string>>) =>
  Object.fromEntries(
    Object.entries(headers).map(([key, text]) => [
      key.toLowerCase().replace(/(^|-)[a-z]/g, letter => letter.toUpperCase()),
      text,
    ]),
  )

/** Cuts bytes at the given places. */
function cut(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const at = [...new Set([0, ...places.map(place => place % (bytes.byteLength + 1)), bytes.byteLength])]
  at.sort((a, b) => a - b)
  return at.slice(1).map((end, n) => bytes.slice(at[n] ?? 0, end))
}

it('what is written is read again, however the bytes are cut', () => {
  fc.assert(
    fc.property(
      fc.array(message, { minLength: 1, maxLength: 5 }),
      fc.array(fc.nat(), { maxLength: 20 }),
      fc.boolean(),
      (messages, places, asRequests) => {
        const writer = new HeadWriter()
        const head = (each: (typeof messages)[number]) =>
          asRequests ? writer.request('a:1', 'me', each) : writer.response(each, false)
        const bytes = Buffer.concat(messages.map(each => joinMessage(head(each), each.body)))
        const parser: HttpParser<HttpRequest | HttpResponse> = asRequests
          ? createRequestParser(wideLimits)
          : createResponseParser(wideLimits)
        const read = []
        for (const piece of cut(bytes, places)) read.push(...parseIn(parser, piece, piece.byteLength || 1))
        expect(read.map(each => Buffer.from(each.body))).toEqual(messages.map(each => Buffer.from(each.body)))
        read.forEach(({ headers }, n) => expect(headers).toMatchObject(canonical(messages[n]?.headers ?? {})))
        expect(parser.partial).toBe(false)
      },
    ),
    { numRuns: 300 },
  )
})

it('damage is either read as something else or refused with a ServiceError, and what is held stays bounded', () => {
  const limits = { maxHeaderBytes: 512, maxBodyBytes: 1024 }
  const damage = fc.tuple(fc.nat(), fc.constantFrom('flip', 'drop', 'insert', 'repeat'), fc.nat({ max: 255 }))
  fc.assert(
    fc.property(
      fc.array(message, { minLength: 1, maxLength: 3 }),
      fc.array(damage, { minLength: 1, maxLength: 6 }),
      fc.integer({ min: 1, max: 64 }),
      fc.boolean(),
      (messages, damages, piece, chunked) => {
        const writer = new HeadWriter()
        let bytes = Buffer.concat(
          messages.map(each =>
            chunked
              ? Buffer.from(`POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n`)
              : joinMessage(writer.request('a:1', 'me', each), each.body),
          ),
        )
        for (const [place, kind, byte] of damages) bytes = Buffer.from(damaged(bytes, place, kind, byte))
        const parser = createRequestParser(limits)
        try {
          for (const read of parseIn(parser, bytes, piece)) {
            expect(read.body.byteLength).toBeLessThanOrEqual(limits.maxBodyBytes)
          }
          parser.finish()
        } catch (error) {
          expect(error).toBeInstanceOf(ServiceError)
        }
      },
    ),
    { numRuns: 1000 },
  )
})

function damaged(bytes: Buffer, place: number, kind: string, byte: number): Uint8Array {
  const at = place % Math.max(1, bytes.byteLength)
  const [before, after] = [bytes.subarray(0, at), bytes.subarray(at)]
  if (kind === 'drop') return Buffer.concat([before, after.subarray(1 + (byte % 8))])
  if (kind === 'insert') return Buffer.concat([before, Buffer.from([byte]), after])
  if (kind === 'repeat') return Buffer.concat([before, after.subarray(0, 16), after])
  return Buffer.concat([before, Buffer.from([byte]), after.subarray(1)])
}
