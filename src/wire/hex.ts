const digits = '0123456789abcdef'

/** The bytes in lower-case hexadecimal. */
export function toHex(bytes: Uint8Array): string {
  let hex = ''
  for (const byte of bytes) hex += digits.charAt(byte >> 4) + digits.charAt(byte & 0x0f)
  return hex
}

/** The bytes of a hexadecimal text of either case, or `undefined` when it is empty or none. */
export function fromHex(hex: string): Uint8Array | undefined {
  if (hex === '' || hex.length % 2 !== 0 || !/^[0-9A-Fa-f]+$/.test(hex)) return undefined
  const bytes = new Uint8Array(hex.length / 2)
  for (let at = 0; at < bytes.length; at += 1) bytes[at] = (digit(hex, 2 * at) << 4) | digit(hex, 2 * at + 1)
  return bytes
}

/** The value of a hexadecimal digit: 0-9 are 0x30 up, A-F and a-f are 0x41 and 0x61 up. */
function digit(hex: string, at: number): number {
  const code = hex.charCodeAt(at)
  return (code & 0x0f) + (code > 0x39 ? 9 : 0)
}
