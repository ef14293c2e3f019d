import { ServiceError, type ErrorKind } from '../../streams/index.js'
import { maxReasonBytes, resetCode } from './frames.js'

const kinds: Readonly<Record<number, ErrorKind>> = {
  [resetCode.protocol]: 'bad_request',
  [resetCode.flowControl]: 'bad_request',
}

/** The code that tells a peer why this side gives up. */
export function codeOf({ kind }: ServiceError): number {
  return kind === 'bad_request' ? resetCode.protocol : resetCode.timeout
}

/** Whether a stream that was reset with this code certainly ran no handler. */
export function isRefusal(code: number): boolean {
  return code === resetCode.refused
}

/** What a peer's reset means here: nobody answers any more, or this side broke a rule. */
export function errorOfReset(code: number, reason: string): ServiceError {
  const words = reason === '' ? 'no reason was given' : reason
  return new ServiceError(kinds[code] ?? 'unavailable', `the peer ended it: ${words}`)
}

/** The text of a reset or a go-away; damaged characters are replaced. */
export function readReason(bytes: Uint8Array, start: number, end: number): string {
  if (start >= end) return ''
  return new TextDecoder().decode(bytes.subarray(start, Math.min(end, start + maxReasonBytes)))
}

/** A peer broke a rule; `reason` says which kind. */
export class Violation extends ServiceError {
  constructor(
    what: string,
    readonly reason: number,
  ) {
    super(reason === resetCode.limit ? 'resource_exhausted' : 'bad_request', `fast lane: ${what}`)
  }
}

/** The error of a peer that broke a rule. */
export function violation(what: string, reason: number = resetCode.protocol): Violation {
  return new Violation(what, reason)
}
