/** zlib's two directions (RFC 1950). `inflate` throws for damaged bytes and for more output than it allows. */
export interface Compression {
  readonly deflate: (bytes: Uint8Array) => Uint8Array
  readonly inflate: (bytes: Uint8Array) => Uint8Array
}
