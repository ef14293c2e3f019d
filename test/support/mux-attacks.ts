import { frameType } from '../../src/wire/mux/frames.js'

/** A frame as a peer may write it: nothing of it has to be right. */
export function frameBytes(
  head: number,
  id: number,
  payload: Uint8Array,
  length = payload.length,
): Uint8Array {
  const bytes = new Uint8Array(8 + payload.length)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, length)
  view.setUint8(0, head)
  view.setUint32(4, id)
  bytes.set(payload, 8)
  return bytes
}

/** Numbers of four bytes each. */
export function words(...values: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(values.length * 4)
  values.forEach((value, n) => new DataView(bytes.buffer).setUint32(n * 4, value))
  return bytes
}

/** A first frame of a message: flags, its whole length where it goes on, headers, and the beginning of its body. */
export function messageFrame(
  flags: number,
  id: number,
  headers: Uint8Array,
  body: Uint8Array,
  whole?: number,
): Uint8Array {
  const size = Uint8Array.from([headers.length >> 8, headers.length & 255])
  const parts = [...(whole === undefined ? [] : [words(whole)]), size, headers, body]
  return frameBytes(frameType.message | 0x10 | flags, id, Buffer.concat(parts))
}

/** What a peer may do for as long as it likes, by name: `n` counts from 0, ids are those of a dialler. */
export const attacks: Readonly<Record<string, (n: number) => Uint8Array>> = {
  'opens streams': n => messageFrame(0, n * 2 + 1, none, some(10)),
  'opens calls': n => messageFrame(0x60, n * 2 + 1, none, some(10)),
  'opens and resets streams': n =>
    Buffer.concat([
      messageFrame(0x60, n * 2 + 1, none, some(10)),
      frameBytes(frameType.reset, n * 2 + 1, words(0)),
    ]),
  'opens and ends streams': n => frameBytes(frameType.end, n * 2 + 1, none),
  'says that large messages come': n => messageFrame(0x80, n * 2 + 1, none, some(1), 16 * 1024 * 1024),
  'says that large calls come': n => messageFrame(0xe0, n * 2 + 1, none, some(1), 1024 * 1024),
  'sends beyond the credit of a stream': () => messageFrame(0, 1, none, some(4_000)),
  'sends empty messages on many streams': n => messageFrame(0, (n % 8_000) * 2 + 1, none, none),
  'sends messages between bytes that are nothing': n =>
    Buffer.concat([messageFrame(0, (n % 8_000) * 2 + 1, none, some(1)), frameBytes(9, 0, some(60_000))]),
  'writes headers that never repeat': n =>
    messageFrame(
      0x60,
      n * 2 + 1,
      Buffer.concat([Uint8Array.from([0, 8]), text(n), Uint8Array.from([8]), text(n)]),
      none,
    ),
  'writes values that never repeat': n =>
    messageFrame(0x60, n * 2 + 1, Buffer.concat([Uint8Array.from([1 + (n % 17), 8]), text(n)]), none),
  'gives credit': n => frameBytes(frameType.credit, n % 3, words(0xffffffff, 0xffffffff)),
  'asks all the time': n => frameBytes(frameType.ping, 0, words(n, n)),
  'answers what was not asked': n => frameBytes(frameType.pong, 0, words(n, n)),
  'resets what is not there': n => frameBytes(frameType.reset, n * 2 + 1, words(n % 9)),
  'goes away again and again': n =>
    frameBytes(frameType.goAway, 0, Buffer.concat([words(n, n % 7), some(900)])),
  'breaks a rule on each stream': n =>
    Buffer.concat([
      messageFrame(0, n * 2 + 1, none, none),
      frameBytes(frameType.message, n * 2 + 1, some(1)),
    ]),
  'sends what nobody knows': n => frameBytes(8 + (n % 8), n, some(1_000)),
  'begins long frames': () => frameBytes(frameType.message | 0x10, 1, none, 131_072),
  'sends a byte at a time': n => Uint8Array.from([n & 255]),
}

const none = new Uint8Array(0)
const some = (length: number) => new Uint8Array(length)
const text = (n: number) => Buffer.from(n.toString(36).padStart(8, '0'))
