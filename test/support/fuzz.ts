/** Random numbers in [0, 1) that a seed repeats (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** The seed of a fuzz run: that of the environment variable FUZZ_SEED, or a new one. */
export function fuzzSeed(): number {
  return Number(process.env['FUZZ_SEED'] ?? Math.floor(Math.random() * 2 ** 32))
}

/** One of the inputs with one to four damages: bits, bytes and pieces changed, lost, repeated, or put in from another input. */
export function mutate(inputs: readonly Uint8Array[], random: () => number): Buffer {
  const below = (limit: number) => Math.floor(random() * limit)
  const pick = () => Buffer.from(inputs[below(inputs.length)] ?? [])
  let bytes = pick()
  for (let left = 1 + below(4); left > 0; left -= 1) {
    const at = below(bytes.length + 1)
    const to = Math.min(bytes.length, at + below(16))
    const [before, piece, after] = [bytes.subarray(0, at), bytes.subarray(at, to), bytes.subarray(to)]
    const noise = Buffer.from(Array.from({ length: 1 + below(8) }, () => below(256)))
    const other = pick()
    const changed = Buffer.from(piece.map(byte => byte ^ (1 << below(8))))
    const kinds = [
      [changed],
      [noise],
      [],
      [piece, piece],
      [other.subarray(below(other.length + 1))],
      [piece, noise],
    ]
    bytes = Buffer.concat([
      before,
      ...(kinds[below(kinds.length)] ?? []),
      below(8) === 0 ? Buffer.alloc(0) : after,
    ])
  }
  return bytes
}
