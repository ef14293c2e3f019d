/** One column of a table; numbers stand to the right. */
export interface Column {
  readonly title: string
  readonly right: boolean
}

/** A Markdown table as the formatter of this project wants it. */
export function table(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const widths = columns.map(({ title }, place) =>
    Math.max(3, title.length, ...rows.map(row => row[place]?.length ?? 0)),
  )
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  const pad = (cell: string, place: number) => {
    const width = widths[place] ?? 0
    return columns[place]?.right === true ? cell.padStart(width) : cell.padEnd(width)
  }
  const rule = columns.map(({ right }, place) => {
    const width = widths[place] ?? 3
    return right ? `${'-'.repeat(width - 1)}:` : '-'.repeat(width)
  })
  const head = columns.map(({ title }, place) => pad(title, place))
  return [line(head), line(rule), ...rows.map(row => line(row.map(pad)))].join('\n')
}
