import { ServiceError } from '../streams/index.js'
import { readNative } from './native-text.js'

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Up to this length a loop is faster than a call into the platform. */
const shortText = 8

/** The text of `bytes` from `start` up to `end`. Throws `bad_request` that starts with `what` when they are not UTF-8. */
export function utf8Text(bytes: Uint8Array, what: string, start = 0, end = bytes.length): string {
  if (end - start <= shortText) {
    const ascii = asciiText(bytes, start, end)
    if (ascii !== undefined) return ascii
  }
  const native = readNative(bytes, start, end)
  if (native !== undefined) return native
  try {
    return strict.decode(start === 0 && end === bytes.length ? bytes : bytes.subarray(start, end))
  } catch (cause) {
    throw new ServiceError('bad_request', `${what}: the bytes are not UTF-8`, { cause })
  }
}

function asciiText(bytes: Uint8Array, start: number, end: number): string | undefined {
  let text = ''
  for (let at = start; at < end; at += 1) {
    const byte = bytes[at] ?? 0
    if (byte >= 0x80) return undefined
    text += String.fromCharCode(byte)
  }
  return text
}
