import { ServiceError, type ErrorKind } from '../../../streams/index.js'
import { fromNodeError } from '../../node-error.js'

/** The id of an error that an agent answered, in contrast to one of the connection to it. */
const saidByAgent = 'consul'

const kinds: Readonly<Record<number, ErrorKind>> = {
  400: 'bad_request',
  401: 'unauthorized',
  403: 'forbidden',
  404: 'not_found',
  405: 'unimplemented',
  413: 'resource_exhausted',
}

const maxShown = 200

/**
 * What went wrong with a request: the agent's own words where it answered, with the kind of the status (429 and 5xx are `unavailable`: it may pass, and another
 * agent may do better); `unavailable` where it could not be reached. `place` says what was tried, and where.
 */
export function agentError(place: string, failure: unknown): ServiceError {
  const answer = answerOf(failure)
  if (answer === undefined) {
    if (failure instanceof ServiceError)
      return new ServiceError(failure.kind, `${place}: ${failure.message}`, { cause: failure })
    return new ServiceError('unavailable', fromNodeError(place, failure).message, { cause: failure })
  }
  const hint = answer.status === 403 ? '; is the ACL token (token) allowed to do that?' : ''
  const text = `${place}: HTTP ${answer.status}: ${answer.text}${hint}`
  const init = { id: saidByAgent, cause: failure }
  return new ServiceError(kinds[answer.status] ?? 'unavailable', text, init)
}

/** Whether the agent itself refused, so that another request to the same agent makes sense. */
export function isRefusal(error: unknown): boolean {
  return error instanceof ServiceError && error.id === saidByAgent
}

/** Whether another agent may do better. */
export function mayPass(error: unknown): boolean {
  return error instanceof ServiceError && error.kind === 'unavailable'
}

function answerOf(failure: unknown): { readonly status: number; readonly text: string } | undefined {
  if (!(failure instanceof Error) || !('response' in failure)) return undefined
  const { statusCode, body } = (failure.response ?? {}) as { statusCode?: unknown; body?: unknown }
  if (typeof statusCode !== 'number') return undefined
  const said = typeof body === 'string' || Buffer.isBuffer(body) ? body.toString() : JSON.stringify(body)
  const text = (said ?? '').trim().slice(0, maxShown)
  return { status: statusCode, text: text === '' ? failure.message : text }
}
