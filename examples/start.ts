import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/**
 * `npm start`: a greeter and a client of it, as two processes that find each other over multicast DNS. They stay on the loopback
 * interface, so that it works on any network or none, and under a name of their own, so that two runs do not meet. Flags go to both.
 */
const flags = [
  `--server_name=greeter-${process.pid}`,
  '--registry_address=127.0.0.1',
  '--server_address=127.0.0.1:0',
  '--broker_address=127.0.0.1:0',
  ...process.argv.slice(2),
]

// Both write to the standard output of this process itself: so what one did before the other stands before it.
function run(file: string): ChildProcess {
  const program = fileURLToPath(new URL(file, import.meta.url))
  return spawn(process.execPath, [program, ...flags], { stdio: ['ignore', 1, 1] })
}

/** Resolves with the exit code when the process is gone. */
async function end(child: ChildProcess): Promise<number> {
  const [code] = (await once(child, 'exit')) as [number | null]
  return code ?? 1
}

const greeter = run('./greeter/main.js')
const client = run('./greeter/client.js')
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => [greeter, client].forEach(child => child.kill(signal)))
}
const [served, called] = await Promise.all([
  end(greeter).finally(() => client.kill()),
  end(client).finally(() => greeter.kill()),
])
process.exitCode = called === 0 ? served : called
