/**
 * The key under which a message keeps the fields that its type does not know, as they came: they are written again with it. An own property like any other, so a copy made
 * with `{ ...message }` has them too.
 */
export const unknownFields: unique symbol = Symbol('unknown fields')

/** A message that may have fields that its type does not know. */
export interface WithUnknownFields {
  [unknownFields]?: Uint8Array[]
}

/** Adds `bytes` from `start` up to `end`, a field with its tag, to those of a message. Fields that stand beside each other are one piece: peers may send many. */
export function keepUnknown(message: WithUnknownFields, bytes: Uint8Array, start: number, end: number): void {
  const from = bytes.byteOffset + start
  const kept = (message[unknownFields] ??= [])
  const last = kept.at(-1)
  const adjoins = last?.buffer === bytes.buffer && last.byteOffset + last.length === from
  if (last === undefined || !adjoins) kept.push(new Uint8Array(bytes.buffer, from, end - start))
  else kept[kept.length - 1] = new Uint8Array(bytes.buffer, last.byteOffset, last.length + end - start)
}

/** Keeps a value of a list that was not written for itself: the bytes from `start` up to `end` behind a tag of their own. */
export function keepUnknownItem(
  message: WithUnknownFields,
  tag: number,
  bytes: Uint8Array,
  start: number,
  end: number,
): void {
  const field: number[] = []
  let rest = tag
  for (; rest > 0x7f; rest >>>= 7) field.push((rest & 0x7f) | 0x80)
  field.push(rest, ...bytes.subarray(start, end))
  keepUnknown(message, Uint8Array.from(field), 0, field.length)
}
