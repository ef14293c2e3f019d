import { emptyBody } from '../../streams/message.js'
import { endOfStream, type CallMarks, type Format, type RequestFrame } from '../../streams/codec.js'
import type { CallTarget } from './call-plan.js'

/** The frame of a unary request; `nextId` gives the number that go-micro's version 1 wants. */
export function requestFrame(
  { dialect }: Format,
  { service, definition }: CallTarget,
  body: Uint8Array,
  nextId: () => number,
): RequestFrame {
  const endpoint = definition.name
  if (dialect !== 'mucp') return { id: 0, endpoint, body }
  return { id: 0, endpoint, body, service, marks: { id: String(nextId()), stream: undefined } }
}

/** The marks of a new stream: all its messages have them. */
export function streamMarks({ dialect }: Format, nextId: () => number): CallMarks | undefined {
  if (dialect !== 'mucp') return undefined
  const id = String(nextId())
  return { id, stream: id }
}

/** The frame of one message of a stream. */
export function streamFrame(
  { service, definition }: CallTarget,
  id: number,
  marks: CallMarks | undefined,
  body: Uint8Array,
): RequestFrame {
  const endpoint = definition.name
  return marks === undefined ? { id, endpoint, body } : { id, endpoint, body, service, marks }
}

/** The frame that ends the requests of a stream, where the dialect has one. */
export function endFrame(
  { service, definition }: CallTarget,
  marks: CallMarks | undefined,
): RequestFrame | undefined {
  if (marks === undefined) return undefined
  return { id: 0, endpoint: definition.name, service, marks, error: endOfStream, body: emptyBody }
}
