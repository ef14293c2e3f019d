import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { pinnedTo } from '../run/pinned.js'

/** Runs a program of this package on a core of its own and reads the JSON that it prints. */
export async function resultOf(program: string, args: readonly string[]): Promise<unknown> {
  const path = fileURLToPath(new URL(`../${program}.js`, import.meta.url))
  const [command = '', ...words] = [...pinnedTo(1), process.execPath, path, ...args]
  const child = spawn(command, words, { stdio: ['ignore', 'pipe', 'inherit'] })
  const pieces: Buffer[] = []
  child.stdout.on('data', (piece: Buffer) => pieces.push(piece))
  const [code] = (await once(child, 'close')) as [number | null]
  if (code !== 0) throw new Error(`${program} ${args.join(' ')} ended with exit code ${code}`)
  return JSON.parse(Buffer.concat(pieces).toString()) as unknown
}
