import { ServiceError } from '../streams/index.js'

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const encoder = new TextEncoder()

/** A text up to this length is copied by a loop: below it, a call into the platform costs more than the copy. */
const shortText = 48

/** The bytes of a text in UTF-8. */
export function utf8Bytes(text: string): Uint8Array {
  return encoder.encode(text)
}

/** The text of `bytes` from `start` up to `end`. Throws `bad_request` that starts with `what` when they are not UTF-8. */
export function utf8Text(bytes: Uint8Array, what: string, start = 0, end = bytes.length): string {
  if (end - start <= shortText) {
    const ascii = asciiText(bytes, start, end)
    if (ascii !== undefined) return ascii
  }
  try {
    return strict.decode(bytes.subarray(start, end))
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
