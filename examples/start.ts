import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

/**
 * Starts a greeter and, as a process of its own, a client that finds it over multicast DNS on the loopback interface, so that it
 * works on any network or none.
 */
const loopback = [
  '--registry_address=127.0.0.1',
  '--server_address=127.0.0.1:0',
  '--broker_address=127.0.0.1:0',
]

function run(file: string, label: string): ChildProcess {
  const program = fileURLToPath(new URL(file, import.meta.url))
  const child = spawn(process.execPath, [program, ...loopback], { stdio: ['ignore', 'pipe', 'pipe'] })
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', line => console.log(`${label} | ${line}`))
  }
  return child
}

/** Resolves with the exit code when the process is gone and its output was read. */
async function end(child: ChildProcess): Promise<number> {
  const [code] = (await once(child, 'close')) as [number | null]
  return code ?? 1
}

const greeter = run('./greeter/main.js', 'greeter')
const greeterEnd = end(greeter)
const client = run('./greeter/client.js', 'client ')
const code = await end(client)
greeter.kill('SIGINT')
process.exitCode = code + (await greeterEnd)
