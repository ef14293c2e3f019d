/** So many bytes at a time, because each is an argument of one call. */
const piece = 0x2000

/** Bytes as base64 text, as Go writes a `[]byte`. */
export function base64(bytes: Uint8Array): string {
  let binary = ''
  for (let at = 0; at < bytes.length; at += piece)
    binary += String.fromCharCode(...bytes.subarray(at, at + piece))
  return btoa(binary)
}
