import type { Metadata } from '../../streams/index.js'
import { firstPair, staticNames, staticPairs } from './static-headers.js'

interface Placed {
  readonly name: string
  readonly value: string
  /** The whole of it: name and value. */
  readonly entry: Uint8Array
}

/** How many names an encoder remembers, and how many values of each. */
const remembered = 64

/** Longer values are written anew each time. */
const longestRemembered = 256

/**
 * Writes header blocks (docs/fast-lane.md section 5). One for each connection, because it remembers the headers that repeat; what it writes does
 * not depend on that.
 */
export class HeaderEncoder {
  private readonly text = new TextEncoder()
  /** What stood at each place of the block before: one message after another has the same headers. */
  private readonly places: Placed[] = []
  /** Entries by name and value: several values may take turns, as the subscriptions do to which an event goes. */
  private readonly entries = new Map<string, Map<string, Uint8Array>>()
  private readonly pairs = new Map<string, number>()
  private readonly names = new Map<string, number>()

  constructor() {
    staticPairs.forEach(([name, value], index) => this.pairs.set(`${name}\n${value}`, firstPair + index))
    staticNames.forEach((name, index) => this.names.set(name, index + 1))
  }

  /** Writes at `at`, not beyond `limit`, and returns where it ended; −1 when there is too little room. */
  write(headers: Metadata, target: Uint8Array, at: number, limit: number): number {
    let end = at
    let place = 0
    for (const name in headers) {
      const value = headers[name]
      if (value === undefined) continue
      const before = this.places[place]
      const entry =
        before?.name === name && before.value === value ? before.entry : this.entryAt(place, name, value)
      place += 1
      if (end + entry.length > limit) return -1
      // Most entries are a byte or two: a loop is faster than a call into the platform.
      for (let n = 0; n < entry.length; n += 1) target[end + n] = entry[n] ?? 0
      end += entry.length
    }
    return end
  }

  /** A block of its own. */
  encode(headers: Metadata): Uint8Array {
    let room = 0
    for (const name in headers) room += (name.length + (headers[name]?.length ?? 0)) * 3 + 16
    const block = new Uint8Array(room)
    return block.subarray(0, this.write(headers, block, 0, room))
  }

  private entryAt(place: number, name: string, value: string): Uint8Array {
    const entry = this.entries.get(name)?.get(value) ?? this.newEntry(name, value)
    if (place < remembered && value.length <= longestRemembered) this.places[place] = { name, value, entry }
    return entry
  }

  private newEntry(name: string, value: string): Uint8Array {
    const entry = this.entry(name, value)
    if (value.length > longestRemembered) return entry
    const known = this.entries.get(name)
    if (known !== undefined) {
      if (known.size >= remembered) known.clear()
      known.set(value, entry)
    } else if (this.entries.size < remembered) {
      this.entries.set(name, new Map([[value, entry]]))
    }
    return entry
  }

  private entry(name: string, value: string): Uint8Array {
    const pair = this.pairs.get(`${name}\n${value}`)
    if (pair !== undefined) return Uint8Array.of(pair)
    const number = this.names.get(name)
    const bytes = this.text.encode(value)
    if (number !== undefined) return joined([number], sized(bytes))
    return joined([0], sized(this.text.encode(name)), sized(bytes))
  }
}

/** A text with its length in front, seven bits to a byte, the lowest first. */
function sized(bytes: Uint8Array): number[] {
  const size: number[] = []
  let rest = bytes.length
  while (rest > 0x7f) {
    size.push((rest & 0x7f) | 0x80)
    rest >>>= 7
  }
  size.push(rest)
  return [...size, ...bytes]
}

function joined(...parts: readonly number[][]): Uint8Array {
  return Uint8Array.from(parts.flat())
}
