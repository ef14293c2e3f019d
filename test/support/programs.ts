import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

/** The flags that keep a service on the loopback interface. */
export const loopbackFlags = [
  '--registry_address=127.0.0.1',
  '--server_address=127.0.0.1:0',
  '--broker_address=127.0.0.1:0',
]

/** A program of test/programs as a process of its own. */
export interface Program {
  readonly child: ChildProcess
  /** Resolves with the first line of its output that contains `text`; rejects when it ends without one. */
  line(text: string): Promise<string>
  /** Sends a signal and resolves with the exit code when it is gone. */
  stop(signal: NodeJS.Signals): Promise<number | null>
}

/** Starts a built program. */
export function startProgram(
  name: string,
  args: readonly string[] = loopbackFlags,
  env: Readonly<Record<string, string>> = {},
  nodeArgs: readonly string[] = [],
): Program {
  const path = fileURLToPath(new URL(`../../build/programs/${name}.js`, import.meta.url))
  const child = spawn(process.execPath, [...nodeArgs, path, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  })
  const lines: string[] = []
  const listeners = new Set<() => void>()
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', line => {
      lines.push(line)
      for (const listener of listeners) listener()
    })
  }
  const closed = once(child, 'close').then(([code]) => code as number | null)
  return {
    child,
    line: text =>
      new Promise((resolve, reject) => {
        const look = () => {
          const found = lines.find(line => line.includes(text))
          if (found === undefined) return
          listeners.delete(look)
          resolve(found)
        }
        listeners.add(look)
        void closed.then(() => reject(new Error(`${name} ended without '${text}':\n${lines.join('\n')}`)))
        look()
      }),
    stop: signal => {
      child.kill(signal)
      return closed
    },
  }
}
