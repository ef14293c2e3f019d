import type { Shell, Writer } from './shell.js'
import { writeJson } from './write-json.js'

/** Puts colour around a text, or leaves it as it is. */
export type Paint = (text: string) => string

/** How things are set off: colours on a terminal that wants them, nothing elsewhere. */
export interface Style {
  readonly bold: Paint
  readonly dim: Paint
  readonly good: Paint
  readonly bad: Paint
  readonly warning: Paint
}

/** The result of a command: lines for people, or JSON for machines. */
export interface Output {
  readonly style: Style
  /** Lines are for a terminal, which may be redrawn. */
  readonly isTerminal: boolean
  line(text?: string): Promise<void>
  /** Rows of cells in columns, below a heading. On a terminal a row is cut at its width. */
  table(heading: readonly string[], rows: readonly (readonly string[])[]): Promise<void>
  /** One line of JSON. */
  json(value: unknown): Promise<void>
  /** A value as indented JSON. */
  value(value: unknown): Promise<void>
  /** Text as it is. */
  raw(text: string): Promise<void>
}

/** The output of a command. */
export function createOutput(writer: Writer, env: Shell['env']): Output {
  const style = styleOf(writer, env)
  const line = (text = '') => writer.write(`${text}\n`)
  return {
    style,
    isTerminal: writer.isTerminal,
    line,
    async table(heading, rows) {
      const safe = rows.map(row => row.map(printable))
      const widths = heading.map((title, at) =>
        Math.max(title.length, ...safe.map(row => row[at]?.length ?? 0)),
      )
      const lines = [heading, ...safe].map(row => inColumns(row, widths)).map(text => fitted(text, writer))
      for (const [at, text] of lines.entries()) await line(at === 0 ? style.dim(text) : text)
    },
    json: value => line(writeJson(value)),
    value: value => line(writeJson(value, '  ')),
    raw: text => writer.write(text),
  }
}

/** What a peer says, fit for a terminal: control characters, which could move its cursor, are written as `\x1b`. */
export function printable(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f-\u009f]/g, found => {
    return `\\x${found.charCodeAt(0).toString(16).padStart(2, '0')}`
  })
}

/** Colours only on a terminal, and not against the wish of its user (NO_COLOR, TERM=dumb). */
function styleOf({ isTerminal }: Writer, env: Shell['env']): Style {
  const plain = !isTerminal || (env['NO_COLOR'] ?? '') !== '' || env['TERM'] === 'dumb'
  const paint = (code: number): Paint => (plain ? text => text : text => `\x1b[${code}m${text}\x1b[0m`)
  return { bold: paint(1), dim: paint(2), good: paint(32), bad: paint(31), warning: paint(33) }
}

function inColumns(row: readonly string[], widths: readonly number[]): string {
  return row
    .map((cell, at) => cell.padEnd(widths[at] ?? 0))
    .join('  ')
    .trimEnd()
}

function fitted(text: string, { isTerminal, columns }: Writer): string {
  return isTerminal && text.length > columns ? `${text.slice(0, Math.max(1, columns - 1))}…` : text
}
