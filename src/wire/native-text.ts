/** How Node's buffers read and write texts: several times as fast as TextDecoder and TextEncoder. Both are methods of a buffer that work on any Uint8Array. */
interface NativeText {
  utf8Slice(start: number, end: number): string
  utf8Write(text: string, at: number): number
}

const node = (globalThis as { Buffer?: { readonly prototype: Partial<NativeText> } }).Buffer?.prototype
const slice = node?.utf8Slice
const write = node?.utf8Write

const replacement = '\ufffd'

/** The text of `bytes` from `start` up to `end`, or `undefined` where only a strict decoder can tell whether it is one, and where there is no Node. */
export function readNative(bytes: Uint8Array, start: number, end: number): string | undefined {
  const text = slice?.call(bytes as Uint8Array & NativeText, start, end)
  // What is not UTF-8 becomes this character, which may also stand there by right.
  return text?.includes(replacement) === true ? undefined : text
}

/** Writes a text that fits and returns how many bytes it took; `undefined` where there is no Node. */
export function writeNative(text: string, target: Uint8Array, at: number): number | undefined {
  return write?.call(target as Uint8Array & NativeText, text, at)
}
