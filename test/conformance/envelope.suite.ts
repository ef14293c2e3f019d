import { deepStrictEqual, ok } from 'node:assert'
import { endOfStream, type Envelope, type FrameId, type Message } from 'headrace/streams'
import { copyOf, damagedForms, hex, refused, survives } from './codec/expectations.js'
import { proveLaws, type Law, type Subjects, type TestRunner } from './law.js'

/** An envelope under test. Features: `textIds` (a call's id may be a text or null), `echoes` (an answer names its endpoint). */
export interface EnvelopeSubject {
  readonly envelope: Envelope
  /** Bodies as the codecs that go with the envelope write them; a long one among them. */
  readonly bodies: readonly Uint8Array[]
  /** Bytes that are no request. */
  readonly damagedRequests: readonly Uint8Array[]
  /** Bytes that are no answer. */
  readonly damagedResponses: readonly Uint8Array[]
}

const headers = { 'Content-Type': 'application/x', Foo: 'bar' }
const endpoint = 'Greeter.Hello'
const numbers: readonly FrameId[] = [
  0,
  1,
  2,
  4_294_967_296,
  Number.MAX_SAFE_INTEGER,
  2n ** 53n + 1n,
  2n ** 64n - 1n,
]
const texts: readonly FrameId[] = ['', 'abc', '0', '"ü\\\n', null]
const errors = [
  'plain failure John',
  '{"id":"go.micro.srv.greeter","code":400,"detail":"boom John","status":"Bad Request"}',
  'quotes " and \\ and \n and <b>& and ü 🎉 and \u2028',
  'x'.repeat(5000),
  endOfStream,
]

/** The promises of an envelope. */
export const envelopeLaws: readonly Law<EnvelopeSubject>[] = [
  {
    name: 'a request comes back with its endpoint and its body',
    async prove({ envelope, bodies }) {
      for (const body of bodies)
        for (const name of [endpoint, 'Größe."Ω', ''])
          sameRequest(
            envelope,
            { id: 0, endpoint: name, body },
            envelope.readRequest(request(envelope, 0, body, name)),
          )
    },
  },
  {
    name: 'an answer comes back with its body and without an error',
    async prove({ envelope, bodies }) {
      for (const body of bodies) {
        const frame = envelope.readResponse(envelope.writeResponse({ id: 3, endpoint, body }, headers))
        deepStrictEqual(frame.error, undefined)
        deepStrictEqual(copyOf(frame.body), copyOf(body))
      }
    },
  },
  {
    name: 'the id of a call keeps its value and its kind, both ways',
    prove: async subject => idsComeBack(subject, numbers),
  },
  {
    name: 'an id that is a text or null keeps its value and its kind, both ways',
    needs: 'textIds',
    prove: async subject => idsComeBack(subject, texts),
  },
  {
    name: 'an answer names the endpoint it answers',
    needs: 'echoes',
    async prove({ envelope, bodies }) {
      for (const body of bodies) {
        const read = envelope.readResponse(envelope.writeResponse({ id: 0, endpoint, body }, headers))
        deepStrictEqual(read.endpoint, endpoint)
      }
    },
  },
  {
    name: 'an error comes back with its text, and without a body',
    async prove({ envelope }) {
      for (const error of errors) {
        const frame = { id: 1, endpoint, error, body: new Uint8Array(0) }
        const read = envelope.readResponse(envelope.writeResponse(frame, headers))
        deepStrictEqual(read.error, error)
        deepStrictEqual(read.body.length, 0)
      }
    },
  },
  {
    name: 'headers go along as they are, and none are added',
    async prove({ envelope, bodies: [body = new Uint8Array(0)] }) {
      deepStrictEqual(request(envelope, 0, body).headers, headers)
      deepStrictEqual(envelope.writeResponse({ id: 0, endpoint, body }, headers).headers, headers)
    },
  },
  {
    name: 'writing does not change the body, and reading does not change the message',
    async prove({ envelope, bodies }) {
      for (const body of bodies) {
        const before = copyOf(body)
        const message = request(envelope, 0, body)
        const written = copyOf(message.body)
        envelope.readRequest(message)
        deepStrictEqual(copyOf(body), before)
        deepStrictEqual(copyOf(message.body), written)
      }
    },
  },
  {
    name: 'bytes that are no request are bad_request',
    async prove({ envelope, damagedRequests }) {
      for (const body of damagedRequests) refused(hex(body), () => envelope.readRequest({ headers, body }))
    },
  },
  {
    name: 'bytes that are no answer are bad_request',
    async prove({ envelope, damagedResponses }) {
      for (const body of damagedResponses) refused(hex(body), () => envelope.readResponse({ headers, body }))
    },
  },
  {
    name: 'whatever is cut from a message or changed in it: a frame or bad_request, never another exception',
    async prove({ envelope, bodies }) {
      for (const body of bodies) {
        for (const changed of damagedForms(request(envelope, 7, body).body))
          survives(hex(changed), () => envelope.readRequest({ headers, body: changed }))
        const answer = envelope.writeResponse({ id: 7, endpoint, body }, headers).body
        for (const changed of damagedForms(answer))
          survives(hex(changed), () => envelope.readResponse({ headers, body: changed }))
      }
    },
  },
]

/** Declares a test for each law of an envelope. */
export function proveEnvelope(runner: TestRunner, title: string, subjects: Subjects<EnvelopeSubject>): void {
  proveLaws(runner, title, envelopeLaws, subjects)
}

function request(envelope: Envelope, id: FrameId, body: Uint8Array, name = endpoint): Message {
  return envelope.writeRequest({ id, endpoint: name, body }, headers)
}

function sameRequest(
  envelope: Envelope,
  sent: { readonly id: FrameId; readonly endpoint: string; readonly body: Uint8Array },
  read: ReturnType<Envelope['readRequest']>,
): void {
  ok(read.fault === undefined, `${envelope.name}: ${read.fault?.message ?? ''}`)
  deepStrictEqual(
    { id: read.id, endpoint: read.endpoint, body: copyOf(read.body) },
    { ...sent, body: copyOf(sent.body) },
  )
}

function idsComeBack(
  { envelope, bodies: [body = new Uint8Array(0)] }: EnvelopeSubject,
  ids: readonly FrameId[],
): void {
  for (const id of ids) {
    deepStrictEqual(envelope.readRequest(request(envelope, id, body)).id, id)
    deepStrictEqual(envelope.readResponse(envelope.writeResponse({ id, endpoint, body }, headers)).id, id)
    const error = { id, endpoint, error: 'no', body: new Uint8Array(0) }
    deepStrictEqual(envelope.readResponse(envelope.writeResponse(error, headers)).id, id)
  }
}
