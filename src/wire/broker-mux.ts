import { ServiceError, emptyBody, type Message } from '../streams/index.js'

/**
 * What messages of a broker look like on the fast lane (docs/fast-lane.md section 13): headers beside those of the message. Pure.
 */

/** Names the subscription that a call, or a stream, is for. */
const subscriptionKey = ':subscription'

/** What is not handled: `410`, because the subscription has ended, or `503`, because too much is unanswered. */
const statusKey = ':status'

const errorKey = 'X-Micro-Error'
const ackedKey = ':acked'
const nackedKey = ':nacked'

/** A message for one subscription, as a call; without a message, what opens a stream to it. */
export function toSubscription(id: string, message: Message = { headers: {}, body: emptyBody }): Message {
  // A loop and not a spread, which costs ten times as much here, once for each message.
  const headers: Record<string, string> = {}
  for (const name in message.headers) headers[name] = message.headers[name] ?? ''
  headers[subscriptionKey] = id
  return { headers, body: message.body }
}

/** Whom a call or a stream is for, and the message. The id is empty when none is named. */
export function readSubscription({ headers, body }: Message): {
  readonly id: string
  readonly message: Message
} {
  // A loop, as above.
  const own: Record<string, string> = {}
  for (const name in headers) if (name !== subscriptionKey) own[name] = headers[name] ?? ''
  return { id: headers[subscriptionKey] ?? '', message: { headers: own, body } }
}

/** Says what became of a message: nothing else for an ack, the error for a nack. */
export function answerTo(error: ServiceError | undefined): Message {
  return { headers: error === undefined ? {} : { [errorKey]: error.toWire() }, body: emptyBody }
}

/** Says that a message, or a stream, is not taken: no handler sees it. */
export function refusalOf(error: ServiceError): Message {
  return { headers: { [statusKey]: String(error.code), [errorKey]: error.toWire() }, body: emptyBody }
}

/** What an answer says; `refused` when no handler has seen the message, `gone` when none of this subscription ever will. */
export interface Answer {
  readonly kind: 'handled' | 'refused' | 'gone'
  readonly error?: ServiceError
}

/** Reads an answer to a call. */
export function readAnswer({ headers }: Message): Answer {
  const { [statusKey]: status, [errorKey]: text } = headers
  const error = text === undefined ? undefined : ServiceError.fromWire(text)
  if (status === undefined) return { kind: 'handled', ...(error === undefined ? {} : { error }) }
  const refused = error ?? new ServiceError('unavailable', `refused with ${status}`)
  return { kind: status === '410' ? 'gone' : 'refused', error: refused }
}

/** How far a subscriber is with a stream, counted from its beginning; with the last error there was. */
export interface Progress {
  readonly acked: number
  readonly nacked: number
  readonly error?: ServiceError
}

/** Says how far it is. */
export function progressOf({ acked, nacked, error }: Progress): Message {
  const headers: Record<string, string> = { [ackedKey]: String(acked), [nackedKey]: String(nacked) }
  if (error !== undefined) headers[errorKey] = error.toWire()
  return { headers, body: emptyBody }
}

/** Reads how far it is; `undefined` for a message that says nothing of it. Throws `bad_request` for what is no number. */
export function readProgress({ headers }: Message): Progress | undefined {
  const { [ackedKey]: acked, [nackedKey]: nacked, [errorKey]: text } = headers
  if (acked === undefined || nacked === undefined) return undefined
  const error = text === undefined ? {} : { error: ServiceError.fromWire(text) }
  return { acked: numberOf(acked), nacked: numberOf(nacked), ...error }
}

function numberOf(text: string): number {
  const number = Number(text)
  if (Number.isSafeInteger(number) && number >= 0) return number
  throw new ServiceError('bad_request', `a subscriber says that it has answered '${text}' messages`)
}
