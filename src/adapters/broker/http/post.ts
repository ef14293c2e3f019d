import { ServiceError, type NodeRecord } from '../../../streams/index.js'
import type { HttpResponse } from '../../../wire/http1.js'

/** What became of a POST. */
export type PostOutcome =
  /** The subscriber answered, with an error or without: that is the message's end. */
  | { readonly kind: 'answered'; readonly error?: ServiceError }
  /** The subscriber may have got it, and nobody will say: that is its end, too. */
  | { readonly kind: 'unanswered'; readonly error: ServiceError }
  /** No handler of the node has seen it, nor will: another node may get it. */
  | { readonly kind: 'missed'; readonly error: ServiceError }
  /** It was not sent, for a reason that is not the message's nor the node's: it can be posted again, before those that came later. */
  | { readonly kind: 'unsent'; readonly error: ServiceError }

/** One message on its way to a node. */
export interface Post {
  readonly node: NodeRecord
  readonly body: Uint8Array
  /** Called once. */
  done(outcome: PostOutcome): void
}

/** What an answer says about its message. A subscriber of ours answers 410 for a subscription that ended before the message's turn. */
export function outcomeOf({ status, body }: HttpResponse, { id, address }: NodeRecord): PostOutcome {
  if (status >= 200 && status < 300) return { kind: 'answered' }
  const cause = ServiceError.fromWire(Buffer.from(body).toString().trim())
  const why = `'${id}' at ${address} refused the message with ${status}: ${cause.detail}`
  const error = new ServiceError(status === 503 ? 'resource_exhausted' : 'unavailable', why, { cause })
  return { kind: status === 410 ? 'missed' : 'answered', error }
}

/** The outcome of a POST that was sent and that nobody will answer. */
export function unanswered({ node }: Post, cause: ServiceError): PostOutcome {
  const { id, address } = node
  const detail = `'${id}' at ${address} may have the message, but the connection ended without an answer: ${cause.detail}`
  return { kind: 'unanswered', error: new ServiceError('unavailable', detail, { cause }) }
}
