import { deepStrictEqual, fail, ok } from 'node:assert'
import { ServiceError } from 'headrace/streams'

/** Fails unless `work` throws `bad_request`; returns the error's text. */
export function refused(what: string, work: () => unknown): string {
  try {
    work()
  } catch (error) {
    ok(error instanceof ServiceError, `${what}: not a ServiceError but ${String(error)}`)
    deepStrictEqual(error.kind, 'bad_request', `${what}: ${error.message}`)
    return error.message
  }
  return fail(`${what}: was accepted`)
}

/** Fails if `work` throws anything but `bad_request`. */
export function survives(what: string, work: () => unknown): void {
  try {
    work()
  } catch (error) {
    ok(error instanceof ServiceError, `${what}: not a ServiceError but ${String(error)}`)
    deepStrictEqual(error.kind, 'bad_request', `${what}: ${error.message}`)
  }
}

/** A copy that shares nothing; Node's own `slice` of a Buffer would. */
export function copyOf(bytes: Uint8Array): Uint8Array {
  return Uint8Array.from(bytes)
}

/** Every beginning of `bytes`, and `bytes` with each byte changed in three ways. Of long ones only the first 300 bytes are used. */
export function* damagedForms(bytes: Uint8Array): Generator<Uint8Array> {
  const places = Math.min(bytes.length, 300)
  for (let at = 0; at < places; at += 1) {
    yield copyOf(bytes.subarray(0, at))
    for (const change of [0x01, 0x80, 0xff]) {
      const changed = copyOf(bytes)
      changed[at] = (changed[at] ?? 0) ^ change
      yield changed
    }
  }
}

/** Bytes as errors show them. */
export function hex(bytes: Uint8Array): string {
  return Array.from(bytes.subarray(0, 80), byte => byte.toString(16).padStart(2, '0')).join('')
}
