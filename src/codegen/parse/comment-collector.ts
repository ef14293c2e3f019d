import type { Scanner, Token } from './scanner.js'

/** The comments between two tokens, given to what they belong to; '' for none. */
export interface Comments {
  /** Of the declaration that ended. */
  readonly trailing: string
  /** Of the declaration that begins. */
  readonly leading: string
  /** The token behind them. */
  readonly next: Token
}

/** Skips white space and comments. */
export function skipComments(scanner: Scanner): void {
  do scanner.skipSpaces()
  while (scanner.skipLineEnd() || scanner.lineComment() !== undefined || scanner.blockComment() !== undefined)
}

/**
 * Goes to the next token and says which comment belongs to what, by the rules of protoc (tokenizer.h): a comment on the line of the last token
 * is its own; one that touches the next token belongs to that; one that touches the last token's line, with a blank line behind it, trails.
 */
export function collectComments(scanner: Scanner, where: 'start of file' | 'behind a token'): Comments {
  const behindToken = where === 'behind a token'
  const collector = new CommentCollector(behindToken)
  if (behindToken && !trailingOnLine(scanner, collector)) return collector.comments(scanner.token())
  for (;;) {
    scanner.skipSpaces()
    const line = scanner.lineComment()
    const block = line === undefined ? scanner.blockComment() : undefined
    if (line !== undefined) collector.addLine(line)
    else if (block !== undefined) {
      collector.addBlock(block)
      scanner.skipSpaces()
      scanner.skipLineEnd()
    } else if (scanner.skipLineEnd()) {
      collector.flush()
      collector.detach()
    } else {
      const next = scanner.token()
      // In front of a closing bracket there is nothing that the comment could belong to.
      if (next.kind === 'end' || (next.kind === 'symbol' && '}])'.includes(next.text))) collector.flush()
      return collector.comments(next)
    }
  }
}

/** What stands on the line of the last token. False: the next token does. */
function trailingOnLine(scanner: Scanner, collector: CommentCollector): boolean {
  scanner.skipSpaces()
  const line = scanner.lineComment()
  if (line !== undefined) {
    collector.addLine(line)
    collector.flush()
    return true
  }
  const block = scanner.blockComment()
  if (block === undefined) return scanner.skipLineEnd()
  collector.addBlock(block)
  scanner.skipSpaces()
  if (scanner.skipLineEnd()) {
    collector.flush()
    return true
  }
  // Between two tokens of one line nobody can say whose comment it is.
  collector.clear()
  skipComments(scanner)
  return false
}

class CommentCollector {
  private text = ''
  private kind: 'none' | 'line' | 'block' = 'none'
  private trailing = ''

  constructor(private attachable: boolean) {}

  addLine(text: string): void {
    if (this.kind === 'block') this.flush()
    this.kind = 'line'
    this.text += text
  }

  addBlock(text: string): void {
    this.flush()
    this.kind = 'block'
    this.text = text
  }

  /** The comment is complete and belongs to what was before, if anything. */
  flush(): void {
    if (this.kind !== 'none' && this.attachable) {
      this.trailing += this.text
      this.attachable = false
    }
    this.clear()
  }

  /** What follows is apart from what was before. */
  detach(): void {
    this.attachable = false
  }

  clear(): void {
    this.text = ''
    this.kind = 'none'
  }

  comments(next: Token): Comments {
    return { trailing: this.trailing, leading: this.text, next }
  }
}
