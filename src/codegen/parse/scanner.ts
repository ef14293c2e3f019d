import type { Position } from '../descriptor.js'
import { sourceError } from '../source-error.js'

/** A token; `end` is behind the last one. */
export interface Token {
  readonly kind: 'word' | 'integer' | 'float' | 'text' | 'symbol' | 'end'
  /** As it stands in the source. */
  readonly text: string
  readonly at: Position
}

const word = /[A-Za-z_][A-Za-z0-9_]*/y
const number = /(?:0[xX][0-9A-Fa-f]+|(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)[A-Za-z0-9_.]*/y
const integer = /^(?:0[xX][0-9A-Fa-f]+|0[0-7]*|[1-9][0-9]*)$/
const float = /^(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?[fF]?$/
const quoted = /"(?:[^"\\\n]|\\[^\n])*"|'(?:[^'\\\n]|\\[^\n])*'/y
const symbols = new Set('{}[]()<>;:,.=-+/')

/** Cuts a source text into tokens and comments. It knows no grammar. Throws `bad_request` with the place of what is no token. */
export class Scanner {
  private offset = 0
  private line = 1
  private lineStart = 0

  constructor(
    private readonly path: string,
    private readonly source: string,
  ) {
    if (source.startsWith('\uFEFF')) this.lineStart = this.offset = 1
  }

  /** The place of the next character. */
  get at(): Position {
    return { line: this.line, column: this.offset - this.lineStart + 1 }
  }

  /** The token that begins here: white space and comments have been skipped. */
  token(): Token {
    const { at, source, offset } = this
    const character = source[offset]
    if (character === undefined) return { kind: 'end', text: '', at }
    const name = this.match(word)
    if (name !== undefined) return { kind: 'word', text: name, at }
    const digits = /^(?:[0-9]|\.[0-9])/.test(source.slice(offset, offset + 2))
      ? this.match(number)
      : undefined
    if (digits !== undefined) return { kind: this.numberKind(digits, at), text: digits, at }
    if (character === '"' || character === "'") {
      const text = this.match(quoted)
      if (text === undefined) throw sourceError(this.path, at, 'a string that does not end on its line')
      return { kind: 'text', text, at }
    }
    if (!symbols.has(character)) {
      const shown = String.fromCodePoint(source.codePointAt(offset) ?? 0)
      throw sourceError(this.path, at, `${JSON.stringify(shown)} is no part of a .proto file`)
    }
    this.offset += 1
    return { kind: 'symbol', text: character, at }
  }

  /** Skips spaces, not line ends. */
  skipSpaces(): void {
    this.match(/[ \t\r\v\f]*/y)
  }

  /** Skips a line end if there is one here. */
  skipLineEnd(): boolean {
    if (this.source[this.offset] !== '\n') return false
    this.offset += 1
    this.line += 1
    this.lineStart = this.offset
    return true
  }

  /** The text of a line comment that begins here, with its line end. */
  lineComment(): string | undefined {
    const comment = this.match(/\/\/[^\n]*/y)
    if (comment === undefined) return undefined
    this.skipLineEnd()
    return `${comment.slice(2)}\n`
  }

  /** The text of a block comment that begins here, without the stars at the beginning of its lines. */
  blockComment(): string | undefined {
    const { source, offset, at } = this
    if (!source.startsWith('/*', offset)) return undefined
    const end = source.indexOf('*/', offset + 2)
    if (end < 0) throw sourceError(this.path, at, 'a comment that does not end')
    const [first = '', ...rest] = source.slice(offset + 2, end).split('\n')
    this.offset = end + 2
    if (rest.length > 0) {
      this.line += rest.length
      this.lineStart = source.lastIndexOf('\n', end) + 1
    }
    return [first, ...rest.map(line => line.replace(/^[ \t\r\v\f]*\*?/, ''))].join('\n')
  }

  private numberKind(digits: string, at: Position): 'integer' | 'float' {
    if (integer.test(digits)) return 'integer'
    if (float.test(digits) && !/^0[0-9]/.test(digits)) return 'float'
    throw sourceError(this.path, at, `${digits} is no number`)
  }

  /** What a sticky pattern finds here; it is consumed. */
  private match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.offset
    const found = pattern.exec(this.source)?.[0]
    if (found !== undefined) this.offset += found.length
    return found
  }
}
