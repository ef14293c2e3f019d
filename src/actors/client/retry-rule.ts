import { refusedId, type ErrorKind, type ServiceError } from '../../streams/errors.js'

/** How an attempt failed. */
export interface FailedAttempt {
  readonly error: ServiceError
  /** False: the node certainly did not see the request. */
  readonly sent: boolean
}

const passing: ReadonlySet<ErrorKind> = new Set(['timeout', 'resource_exhausted', 'unavailable'])

/** The handler certainly did not run: nothing was sent, or the runtime of the node refused before it called one. */
export function certainlyNotRun({ error, sent }: FailedAttempt): boolean {
  return !sent || error.id === refusedId
}

/** Another attempt is safe: the handler did not run, or may run twice and the failure is one that passes. */
export function mayTryAgain(failed: FailedAttempt, idempotent: boolean): boolean {
  if (failed.error.kind === 'cancelled' || failed.error.kind === 'bad_request') return false
  return certainlyNotRun(failed) || (idempotent && passing.has(failed.error.kind))
}
