/** Writes values of one kind into a buffer and reads them from it. */
export interface Codec<T> {
  /** At least as many bytes as `write` needs. */
  most(value: T): number
  /** Returns where the value ends. */
  write(value: T, bytes: Buffer, at: number): number
  read(bytes: Buffer, from: number, to: number): T
}

/** What a peer says, each with its codec. */
export interface Codecs {
  readonly name: Codec<{ name: string }>
  readonly greeting: Codec<{ greeting: string }>
  readonly payload: Codec<{ payload: string }>
  readonly count: Codec<{ count: number }>
  readonly text: Codec<{ text: string }>
}

/** A codec written by hand for each type: the text of its only field, or its number. */
export const binary: Codecs = {
  name: {
    most: ({ name }) => most(name),
    write: ({ name }, ...to) => write(name, ...to),
    read: (...of) => ({ name: read(...of) }),
  },
  greeting: {
    most: ({ greeting }) => most(greeting),
    write: ({ greeting }, ...to) => write(greeting, ...to),
    read: (...of) => ({ greeting: read(...of) }),
  },
  payload: {
    most: ({ payload }) => most(payload),
    write: ({ payload }, ...to) => write(payload, ...to),
    read: (...of) => ({ payload: read(...of) }),
  },
  text: {
    most: ({ text }) => most(text),
    write: ({ text }, ...to) => write(text, ...to),
    read: (...of) => ({ text: read(...of) }),
  },
  count: {
    most: () => 4,
    write: ({ count }, bytes, at) => bytes.writeUInt32LE(count, at),
    read: (bytes, from) => ({ count: bytes.readUInt32LE(from) }),
  },
}

/** JSON of the same values. */
export const json: Codecs = {
  name: ofJson(),
  greeting: ofJson(),
  payload: ofJson(),
  count: ofJson(),
  text: ofJson(),
}

function ofJson<T>(): Codec<T> {
  // Stringified once: `most` is asked right before `write` of the same value.
  let text = ''
  return {
    most: value => most((text = JSON.stringify(value))),
    write: (_, bytes, at) => write(text, bytes, at),
    read: (bytes, from, to) => JSON.parse(read(bytes, from, to)) as T,
  }
}

function most(text: string): number {
  return text.length > 1024 ? Buffer.byteLength(text) : text.length * 3
}

/** Into native code only where the text is worth it: the way there costs as much as forty characters. */
function write(text: string, bytes: Buffer, at: number): number {
  const { length } = text
  if (length > 40) return at + bytes.write(text, at)
  for (let index = 0; index < length; index += 1) {
    const unit = text.charCodeAt(index)
    if (unit > 127) return at + bytes.write(text, at)
    bytes[at + index] = unit
  }
  return at + length
}

function read(bytes: Buffer, from: number, to: number): string {
  return bytes.toString('utf8', from, to)
}
