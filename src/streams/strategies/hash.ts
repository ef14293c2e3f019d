/** Two independent 32-bit hashes of a text: as good as one of 64 bits where only equality and order count. */
export interface TextHash {
  readonly first: number
  readonly second: number
}

/** FNV-1a over UTF-16 code units, with two offsets and primes, each finished by {@link mix}. Not for secrets. */
export function hashText(text: string): TextHash {
  let first = 0x811c9dc5
  let second = 0x9e3779b9
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index)
    first = Math.imul(first ^ unit, 0x01000193)
    second = Math.imul(second ^ unit, 0x85ebca6b)
  }
  return { first: mix(first), second: mix(second) }
}

/** Spreads every bit of a 32-bit number over all others (the finalizer of MurmurHash3). One to one: no two numbers meet. */
export function mix(hash: number): number {
  let mixed = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
  return (mixed ^ (mixed >>> 16)) >>> 0
}
