import { ServiceError, type ErrorKind } from '../streams/index.js'

interface Meaning {
  readonly kind: ErrorKind
  /** What happened and what to try, in a few words. */
  readonly text: string
}

const refused: Meaning = { kind: 'unavailable', text: 'connection refused; does anything listen there?' }
const unreachable: Meaning = { kind: 'unavailable', text: 'cannot be reached from this machine' }
const unknownName: Meaning = { kind: 'unavailable', text: 'the host name is not known' }
const broken: Meaning = { kind: 'unavailable', text: 'the peer broke the connection' }
const taken: Meaning = { kind: 'conflict', text: 'the address is in use; port 0 takes any free port' }
const notAllowed: Meaning = { kind: 'forbidden', text: 'not permitted; ports below 1024 may need privileges' }
const notOurs: Meaning = { kind: 'bad_request', text: 'not an address of this machine' }
const tooMany: Meaning = {
  kind: 'resource_exhausted',
  text: 'no file descriptors left; raise the limit (ulimit -n)',
}

/** The codes of Node and of the operating system that operations of adapters meet. */
const meanings: Readonly<Record<string, Meaning>> = {
  ECONNREFUSED: refused,
  ENOENT: refused,
  EHOSTUNREACH: unreachable,
  ENETUNREACH: unreachable,
  EHOSTDOWN: unreachable,
  ENETDOWN: unreachable,
  ENOTFOUND: unknownName,
  EAI_AGAIN: unknownName,
  EAI_NODATA: unknownName,
  ECONNRESET: broken,
  ECONNABORTED: broken,
  EPIPE: broken,
  ERR_STREAM_PREMATURE_CLOSE: broken,
  ERR_STREAM_DESTROYED: broken,
  ETIMEDOUT: { kind: 'timeout', text: 'no answer in time' },
  ERR_SOCKET_CONNECTION_TIMEOUT: { kind: 'timeout', text: 'no connection in time' },
  EADDRINUSE: taken,
  EACCES: notAllowed,
  EPERM: notAllowed,
  EADDRNOTAVAIL: notOurs,
  EMFILE: tooMany,
  ENFILE: tooMany,
  ENOBUFS: tooMany,
}

/**
 * The one way from a failure of Node to a {@link ServiceError}. `what` says what was tried, with the address. What is not in the
 * table is `unavailable` with Node's own text: a certificate that is not accepted, for example.
 */
export function fromNodeError(what: string, failure: unknown): ServiceError {
  if (failure instanceof ServiceError) return failure
  const cause = firstWithCode(failure)
  const code = codeOf(cause)
  const meaning = code === undefined ? undefined : meanings[code]
  const text = meaning?.text ?? (cause instanceof Error ? cause.message : String(cause))
  const suffix = code === undefined ? '' : ` (${code})`
  return new ServiceError(meaning?.kind ?? 'unavailable', `${what}: ${text}${suffix}`, { cause: failure })
}

/** Node tries all addresses of a name and reports them together; and libraries wrap what they got. */
function firstWithCode(failure: unknown): unknown {
  for (let at = failure, depth = 0; at instanceof Error && depth < 8; depth += 1) {
    const inner: unknown = at instanceof AggregateError ? at.errors[0] : at.cause
    if (meanings[codeOf(at) ?? ''] !== undefined || !(inner instanceof Error)) return at
    at = inner
  }
  return failure
}

function codeOf(failure: unknown): string | undefined {
  const code = failure instanceof Error && 'code' in failure ? failure.code : undefined
  return typeof code === 'string' ? code : undefined
}
