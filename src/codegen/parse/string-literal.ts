const escapes: Readonly<Record<string, number>> = {
  ...{ a: 7, b: 8, f: 12, n: 10, r: 13, t: 9, v: 11 },
  ...{ '\\': 92, "'": 39, '"': 34, '?': 63 },
}
const escaped =
  /\\(?:([0-7]{1,3})|[xX]([0-9A-Fa-f]{1,2})|(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8}))|([^]))|([^\\]+)/gu

/** The bytes of a string literal with its quotes; `undefined` for an escape that there is not. */
export function bytesOfLiteral(literal: string): Uint8Array | undefined {
  const bytes: number[] = []
  const encoder = new TextEncoder()
  for (const found of literal.slice(1, -1).matchAll(escaped)) {
    const [, octal, hex, short, long, letter, plain] = found
    const codePoint = short ?? long
    if (plain !== undefined) bytes.push(...encoder.encode(plain))
    else if (octal !== undefined) bytes.push(parseInt(octal, 8) & 0xff)
    else if (hex !== undefined) bytes.push(parseInt(hex, 16))
    else if (codePoint !== undefined) {
      if (parseInt(codePoint, 16) > 0x10ffff) return undefined
      bytes.push(...encoder.encode(String.fromCodePoint(parseInt(codePoint, 16))))
    } else {
      const byte = escapes[letter ?? '']
      if (byte === undefined) return undefined
      bytes.push(byte)
    }
  }
  return Uint8Array.from(bytes)
}

/** Bytes as descriptors hold the default of a `bytes` field: with the escapes of C. */
export function escapeBytes(bytes: Uint8Array): string {
  const names: Readonly<Record<number, string>> = {
    9: '\\t',
    10: '\\n',
    13: '\\r',
    34: '\\"',
    39: "\\'",
    92: '\\\\',
  }
  return Array.from(bytes, byte => {
    const plain = byte >= 32 && byte < 127 ? String.fromCharCode(byte) : undefined
    return names[byte] ?? plain ?? `\\${byte.toString(8).padStart(3, '0')}`
  }).join('')
}
