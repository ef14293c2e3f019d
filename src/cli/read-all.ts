/** All lines as one text. */
export async function readAll(lines: AsyncIterable<string>): Promise<string> {
  const read: string[] = []
  for await (const line of lines) read.push(line)
  return read.join('\n')
}
