import { expect, it } from 'vitest'
import { emptyBody, type Envelope, type RequestFrame, type ResponseFrame } from 'headrace/streams'
import { jsonRpc } from '../../src/wire/json-rpc.js'
import { protoRpc } from '../../src/wire/proto-rpc.js'
import { envelopeSubjects, utf8 } from '../support/codec-samples.js'
import { envelopeLaws } from './envelope.suite.js'
import { brokenLaws } from './law.js'

type Fault = (sound: Envelope) => Partial<Envelope>

const request = (change: (frame: RequestFrame) => RequestFrame): Fault => {
  return sound => ({ readRequest: message => change(sound.readRequest(message)) })
}
const response = (change: (frame: ResponseFrame) => ResponseFrame): Fault => {
  return sound => ({ readResponse: message => change(sound.readResponse(message)) })
}

/** For each law an envelope that breaks it, and no other. */
const faults: Readonly<Record<string, Fault>> = {
  'a request comes back with its endpoint and its body': request(frame =>
    frame.endpoint === '' ? { ...frame, endpoint: 'x' } : frame,
  ),
  'an answer comes back with its body and without an error': response(frame =>
    frame.body.length > 1000 ? { ...frame, body: frame.body.subarray(1) } : frame,
  ),
  'the id of a call keeps its value and its kind, both ways': response(frame =>
    typeof frame.id === 'bigint' ? { ...frame, id: Number(frame.id) } : frame,
  ),
  'an id that is a text or null keeps its value and its kind, both ways': request(frame =>
    frame.id === '0' ? { ...frame, id: 0 } : frame,
  ),
  'an error comes back with its text, and without a body': response(frame =>
    frame.error === undefined ? frame : { ...frame, error: frame.error.slice(0, 100) },
  ),
  'headers go along as they are, and none are added': sound => ({
    writeResponse: (frame, headers) => sound.writeResponse(frame, { ...headers, Server: 'x' }),
  }),
  'writing does not change the body, and reading does not change the message': sound => ({
    readRequest(message) {
      const frame = sound.readRequest(message)
      message.body[message.body.length - 1] = 0
      return frame
    },
  }),
  'bytes that are no request are bad_request': sound => ({
    readRequest: message =>
      message.body.length === 0 ? { id: 0, endpoint: '', body: emptyBody } : sound.readRequest(message),
  }),
  'bytes that are no answer are bad_request': sound => ({
    readResponse: message =>
      message.body.length === 0 ? { id: 0, endpoint: '', body: emptyBody } : sound.readResponse(message),
  }),
  'whatever is cut from a message or changed in it: a frame or bad_request, never another exception':
    sound => ({
      readRequest(message) {
        if (message.body.length === 30) throw new TypeError('no')
        return sound.readRequest(message)
      },
    }),
}

it.each(Object.entries(faults))('%s: an envelope that breaks it breaks nothing else', async (name, fault) => {
  const subjects = envelopeSubjects(
    () => ({ ...jsonRpc(), ...fault(jsonRpc()) }),
    { textIds: true },
    ['{"name":"John"}', `"${'x'.repeat(2000)}"`].map(utf8),
    { requests: [emptyBody], responses: [emptyBody] },
  )
  expect([...(await brokenLaws(envelopeLaws, subjects)).keys()]).toEqual([name])
})

it('an envelope that forgets the endpoint of an answer breaks the law about it alone', async () => {
  const name = 'an answer names the endpoint it answers'
  const fault = response(frame => ({ ...frame, endpoint: '' }))
  const subjects = envelopeSubjects(
    () => ({ ...protoRpc(), ...fault(protoRpc()) }),
    { echoes: true },
    [utf8('John')],
    { requests: [emptyBody], responses: [emptyBody] },
  )
  expect([...(await brokenLaws(envelopeLaws, subjects)).keys()]).toEqual([name])
  expect([...Object.keys(faults), name].sort()).toEqual(envelopeLaws.map(law => law.name).sort())
})
