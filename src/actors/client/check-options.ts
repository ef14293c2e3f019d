import type { CallOptions } from '../../streams/client.js'
import { ServiceError } from '../../streams/errors.js'
import { canonicalKey, type Metadata } from '../../streams/message.js'
import { showValue } from '../../streams/options.js'
import { protocolHeaders } from '../call-context.js'

const rules: Readonly<Record<keyof CallOptions, (value: unknown) => string | undefined>> = {
  timeoutMs: value =>
    typeof value === 'number' && value >= 0 ? undefined : 'a number of milliseconds, at least 0',
  retries: value =>
    Number.isSafeInteger(value) && Number(value) >= 0 ? undefined : 'a whole number, at least 0',
  metadata: value => (typeof value === 'object' && value !== null ? undefined : 'an object of texts'),
  address: textOr('host:port'),
  contentType: textOr('a content type'),
  dialect: value => (value === 'rpc' || value === 'mucp' ? undefined : "'rpc' or 'mucp'"),
  key: textOr('a text'),
  signal: anything,
  context: anything,
  idempotent: anything,
  filter: anything,
  strategy: anything,
  avoid: anything,
}

/** Throws `bad_request` that names the option of a call that is unknown or does not fit, or the metadata that no header can carry. */
export function checkCallOptions(options: CallOptions): void {
  // Not Object.entries: most calls have no options, and this is on the path of each.
  for (const key in options) {
    const value: unknown = options[key as keyof CallOptions]
    const rule = Object.hasOwn(rules, key) ? rules[key as keyof CallOptions] : undefined
    if (rule === undefined) throw unfit(`unknown option '${key}'; known are ${Object.keys(rules).join(', ')}`)
    const expected = value === undefined ? undefined : rule(value)
    if (expected !== undefined) throw unfit(`option '${key}' must be ${expected}, not ${showValue(value)}`)
  }
  if (options.metadata !== undefined) checkMetadata(options.metadata)
}

/** Throws `bad_request` that names the key which is no header name, belongs to the protocol, or has a value that no header can carry. */
export function checkMetadata(metadata: Metadata): void {
  for (const [key, value] of Object.entries<unknown>(metadata)) {
    if (!/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(key)) throw unfit(`metadata '${key}' is no name of a header`)
    if (protocolHeaders.has(canonicalKey(key)))
      throw unfit(`metadata '${key}' is a header of the protocol itself`)
    if (typeof value !== 'string' || /[\0-\x08\x0a-\x1f\x7f]/.test(value)) {
      throw unfit(`metadata '${key}' must be a text without control characters, not ${JSON.stringify(value)}`)
    }
  }
}

function textOr(what: string): (value: unknown) => string | undefined {
  return value => (typeof value === 'string' && value !== '' ? undefined : what)
}

function anything(): undefined {
  return undefined
}

function unfit(what: string): ServiceError {
  return new ServiceError('bad_request', what, { id: 'headrace.client' })
}
