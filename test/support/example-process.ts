import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { loopbackFlags } from './programs.js'

/** An example that runs as a process of its own. */
export interface ExampleProcess {
  readonly child: ChildProcess
  /** Its lines so far. */
  readonly stdout: readonly string[]
  readonly stderr: readonly string[]
  /** Resolves when a line of either contains the text; rejects when the process ends without one. */
  shows(text: string): Promise<void>
  /** The exit code, when it is gone and its output was read. */
  readonly ended: Promise<number | null>
}

/** Starts a built example, such as `greeter/main`, on the loopback interface. */
export function startExample(
  name: string,
  args: readonly string[] = [],
  { flags = loopbackFlags, env = {} }: { flags?: readonly string[]; env?: Record<string, string> } = {},
): ExampleProcess {
  const path = fileURLToPath(new URL(`../../build/examples/${name}.js`, import.meta.url))
  const child = spawn(process.execPath, [path, ...flags, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  })
  const watchers = new Set<() => void>()
  const [stdout, stderr] = [child.stdout, child.stderr].map(stream => {
    const lines: string[] = []
    let rest = ''
    stream.setEncoding('utf8').on('data', (text: string) => {
      const parts = (rest + text).split('\n')
      rest = parts.pop() ?? ''
      lines.push(...parts)
      for (const look of watchers) look()
    })
    return lines
  }) as [string[], string[]]
  const ended = once(child, 'close').then(([code]) => code as number | null)
  const shows = (text: string) =>
    new Promise<void>((resolve, reject) => {
      const look = () => {
        if ([...stdout, ...stderr].some(line => line.includes(text))) resolve()
      }
      watchers.add(look)
      const all = () => [...stdout, ...stderr].join('\n')
      void ended.then(code => reject(new Error(`${name} ended with ${code}, without '${text}':\n${all()}`)))
      look()
    })
  return { child, stdout, stderr, shows, ended }
}
