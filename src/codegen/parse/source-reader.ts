import type { Position } from '../descriptor.js'
import { sourceError } from '../source-error.js'
import { collectComments, skipComments } from './comment-collector.js'
import { Scanner, type Token } from './scanner.js'
import { bytesOfLiteral } from './string-literal.js'

/** Messages, groups and values nest at most so deep: the reader of them recurses. */
const maxNesting = 100

/** The tokens of a source file, one at a time, with what a grammar asks of them. Throws `bad_request` with the place of what does not fit. */
export class SourceReader {
  private readonly scanner: Scanner
  private now: Token
  /** The comment in front of the declaration that comes. */
  private upcoming: string
  private depth = 0

  constructor(
    readonly path: string,
    source: string,
  ) {
    this.scanner = new Scanner(path, source)
    const { leading, next } = collectComments(this.scanner, 'start of file')
    this.upcoming = leading
    this.now = next
  }

  /** The token that was not taken yet. */
  get current(): Token {
    return this.now
  }

  get at(): Position {
    return this.now.at
  }

  /** Is the current token this word or symbol? */
  sees(text: string): boolean {
    return this.now.text === text && (this.now.kind === 'word' || this.now.kind === 'symbol')
  }

  /** Takes the current token, whatever it is. */
  next(): Token {
    const taken = this.now
    skipComments(this.scanner)
    this.now = this.scanner.token()
    return taken
  }

  /** Takes the current token if it is this word or symbol. */
  takes(text: string): boolean {
    if (!this.sees(text)) return false
    this.next()
    return true
  }

  /** Takes this word or symbol. */
  take(text: string): Token {
    if (!this.sees(text)) throw this.unexpected(`"${text}"`)
    return this.next()
  }

  /** Takes a name; `what` is what it names. */
  takeWord(what: string): Token {
    if (this.now.kind !== 'word') throw this.unexpected(what)
    return this.next()
  }

  /** Takes a name with dots in it. */
  takeDottedName(what: string): { readonly name: string; readonly at: Position } {
    const { at } = this
    let name = this.takes('.') ? '.' : ''
    name += this.takeWord(what).text
    while (this.takes('.')) name += `.${this.takeWord(what).text}`
    return { name, at }
  }

  /** Takes a whole number that is not larger than `most`. */
  takeInteger(what: string, most: number, least = 0): number {
    const { at } = this
    const negative = least < 0 && this.takes('-')
    if (this.now.kind !== 'integer') throw this.unexpected(what)
    const number = integerOf(this.now.text) * (negative ? -1 : 1)
    if (number > most || number < least)
      throw this.error(
        `${what} is ${negative ? '-' : ''}${this.now.text}: it must be from ${least} to ${most}`,
        at,
      )
    this.next()
    return number + 0 // no -0
  }

  /** Takes one string, or several that follow each other: the bytes of all. */
  takeBytes(what: string): Uint8Array {
    if (this.now.kind !== 'text') throw this.unexpected(what)
    const parts: Uint8Array[] = []
    while (this.now.kind === 'text') {
      const bytes = bytesOfLiteral(this.now.text)
      if (bytes === undefined) throw this.error(`${this.now.text} has an escape that there is not`)
      parts.push(bytes)
      this.next()
    }
    return Uint8Array.from(parts.flatMap(part => [...part]))
  }

  /** Takes a string as text. */
  takeText(what: string): string {
    return new TextDecoder().decode(this.takeBytes(what))
  }

  /**
   * Takes the symbol behind which comments are told apart, and gives the comment of what it ends or opens: the one in front of the declaration, else
   * the one behind the symbol.
   */
  endDeclaration(symbol: ';' | '{' | '}'): string {
    if (!this.sees(symbol)) throw this.unexpected(`"${symbol}"`)
    const leading = this.upcoming
    const comments = collectComments(this.scanner, 'behind a token')
    this.now = comments.next
    this.upcoming = comments.leading
    return leading === '' ? comments.trailing : leading
  }

  /** Goes one level down; `body` reads what is there. */
  nested<T>(body: () => T): T {
    if (this.depth >= maxNesting) throw this.error(`nested deeper than ${maxNesting} levels`)
    this.depth += 1
    try {
      return body()
    } finally {
      this.depth -= 1
    }
  }

  /** An error at the current token, or at another place. */
  error(what: string, at: Position = this.at): Error {
    return sourceError(this.path, at, what)
  }

  /** Something else should stand here. */
  unexpected(expected: string): Error {
    const { kind, text } = this.now
    const shown = text.length > 40 ? `${text.slice(0, 40)}…` : text
    return this.error(
      `expected ${expected}, found ${kind === 'end' ? 'the end of the file' : kind === 'text' ? shown : `"${shown}"`}`,
    )
  }
}

/** An integer literal: decimal, octal or hexadecimal. */
function integerOf(text: string): number {
  return /^0[0-7]+$/.test(text) ? parseInt(text, 8) : Number(text)
}
