import type { ErrorKind } from '../streams/errors.js'

/** The exit codes of the command, by what has happened. */
export const exitCodes = {
  done: 0,
  failed: 1,
  usage: 2,
  notFound: 3,
  unavailable: 4,
  timeout: 5,
  refused: 6,
} as const

/** What the exit codes mean, for the help and the documentation. */
export const exitCodeMeanings: Readonly<Record<keyof typeof exitCodes, string>> = {
  done: 'done',
  failed: 'failed for any other reason; the line on standard error says which',
  usage: 'the command line, the JSON or the request is wrong (bad_request)',
  notFound: 'no such service, node or endpoint (not_found)',
  unavailable: 'the registry, a node or the broker cannot be reached, or a node is not well (unavailable)',
  timeout: 'it took too long (timeout)',
  refused: 'the service refused it (unauthorized, forbidden)',
}

const ofKind: Partial<Record<ErrorKind, number>> = {
  bad_request: exitCodes.usage,
  not_found: exitCodes.notFound,
  unavailable: exitCodes.unavailable,
  timeout: exitCodes.timeout,
  unauthorized: exitCodes.refused,
  forbidden: exitCodes.refused,
}

/** The exit code of a failure. */
export function exitCodeOf(kind: ErrorKind): number {
  return ofKind[kind] ?? exitCodes.failed
}
