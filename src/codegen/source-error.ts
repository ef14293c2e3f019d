import { ServiceError } from '../streams/index.js'
import type { Position } from './descriptor.js'

/** The error for a place in a source file: `greeter.proto:3:14: …`, as compilers write it. */
export function sourceError(path: string, at: Position | undefined, what: string): ServiceError {
  const place = at === undefined ? path : `${path}:${at.line}:${at.column}`
  return new ServiceError('bad_request', `${place}: ${what}`)
}
