import { endOfString } from './survey.js'
import type { FieldPath } from './field-path.js'

/** What to make of an integer that a number cannot hold exactly, from its digits. */
export type LongInteger = (digits: string, path: FieldPath) => unknown

/** A number, a word (`true`, `false`, `null`), or nothing at all. */
const scalar = /[^\s,\]}]*/y
const space = /\s*/y

/**
 * Reads a text that is known to be JSON as `JSON.parse` does, but asks `longInteger` for each integer beyond ±2^53.
 * Recursive: the caller has limited the depth.
 */
export function readCarefully(text: string, longInteger: LongInteger): unknown {
  return new CarefulReader(text, longInteger).value()
}

class CarefulReader {
  private at = 0
  private readonly path: (string | number)[] = []

  constructor(
    private readonly text: string,
    private readonly longInteger: LongInteger,
  ) {}

  value(): unknown {
    this.skip(space)
    const first = this.text[this.at]
    if (first === '{') return this.object()
    if (first === '[') return this.list()
    if (first === '"') return this.string()
    return this.scalar()
  }

  private object(): Record<string, unknown> {
    const object: Record<string, unknown> = {}
    while (this.enter('}')) {
      const key = this.string()
      this.skip(space)
      this.at += 1 // the colon
      this.path.push(key)
      define(object, key, this.value())
      this.path.pop()
    }
    return object
  }

  private list(): unknown[] {
    const list: unknown[] = []
    while (this.enter(']')) {
      this.path.push(list.length)
      list.push(this.value())
      this.path.pop()
    }
    return list
  }

  /** Steps over the opening bracket or the comma, to the next member; false at the closing bracket, which it steps over. */
  private enter(closing: string): boolean {
    this.skip(space)
    if (this.text[this.at] !== closing) {
      this.at += 1
      this.skip(space)
      if (this.text[this.at] !== closing) return true
    }
    this.at += 1
    return false
  }

  private string(): string {
    const end = endOfString(this.text, this.at)
    const quoted = this.text.slice(this.at, end + 1)
    this.at = end + 1
    return quoted.includes('\\') ? (JSON.parse(quoted) as string) : quoted.slice(1, -1)
  }

  private scalar(): unknown {
    const word = this.skip(scalar)
    if (!/^-?[0-9]+$/.test(word)) return JSON.parse(word)
    const number = Number(word)
    return Number.isSafeInteger(number) ? number : this.longInteger(word, this.path)
  }

  private skip(pattern: RegExp): string {
    pattern.lastIndex = this.at
    const found = pattern.exec(this.text)?.[0] ?? ''
    this.at += found.length
    return found
  }
}

/** Sets a property of its own, also one with the name `__proto__`. */
function define(object: Record<string, unknown>, key: string, value: unknown): void {
  if (key !== '__proto__') object[key] = value
  else Object.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true })
}
