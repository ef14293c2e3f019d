/** A value as JSON text: on one line, or indented. A bigint is written as its digits. */
export function writeJson(value: unknown, indent = ''): string {
  return write(value, indent, indent === '' ? '' : '\n')
}

function write(value: unknown, indent: string, newline: string): string {
  if (typeof value === 'bigint') return String(value)
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
  const isList = Array.isArray(value)
  const inner = newline === '' ? '' : `${newline}${indent}`
  const parts = isList
    ? value.map(each => write(each, indent, inner))
    : Object.entries(value)
        .filter(([, each]) => each !== undefined)
        .map(
          ([key, each]) => `${JSON.stringify(key)}:${inner === '' ? '' : ' '}${write(each, indent, inner)}`,
        )
  const [open, close] = isList ? (['[', ']'] as const) : (['{', '}'] as const)
  return parts.length === 0
    ? `${open}${close}`
    : `${open}${inner}${parts.join(`,${inner}`)}${newline}${close}`
}
