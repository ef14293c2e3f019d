import type { FlagSpec } from './table.js'

/** The text of `--help`: a line for each flag with its environment variable. */
export function helpText(program: string, table: Readonly<Record<string, FlagSpec>>): string {
  const rows = Object.entries(table).map(([name, { help, env }]) => ({
    flag: `  --${name}`,
    text: env === undefined ? help : `${help} [$${env}]`,
  }))
  const width = Math.max(...rows.map(({ flag }) => flag.length))
  const lines = rows.map(({ flag, text }) => `${flag.padEnd(width)}  ${text}`)
  return `Usage: ${program} [flags]\n\n${lines.join('\n')}\n  --help\n`
}
