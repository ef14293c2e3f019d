/** The width that generated code keeps to, as prettier does with this project's settings. */
const width = 110

/** Does the line fit? */
export function fits(line: string): boolean {
  return line.length <= width
}

/** The first form that fits, or else the last. */
export function firstFitting(...forms: readonly (string | readonly string[])[]): readonly string[] {
  const lists = forms.map(form => (typeof form === 'string' ? [form] : form))
  return lists.find(lines => lines.every(fits)) ?? lists.at(-1) ?? []
}

/** Lines one level further in. */
export function indent(lines: readonly string[]): readonly string[] {
  return lines.map(line => (line === '' ? '' : `  ${line}`))
}

/** A string literal as prettier writes it: in single quotes, unless that needs more escapes. */
export function quote(text: string): string {
  const json = JSON.stringify(text)
  if (text.includes("'") && !text.includes('"')) return json
  return `'${json.slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`
}
