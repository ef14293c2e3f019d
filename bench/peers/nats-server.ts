import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { freePort } from './free-port.js'

/** A NATS server of this process. */
export interface NatsServer {
  readonly url: string
  stop(): Promise<void>
}

/** The program: what is on the PATH, else what scripts/install-nats.sh has unpacked. */
function natsProgram(): string | undefined {
  if (spawnSync('nats-server', ['--version'], { stdio: 'ignore' }).status === 0) return 'nats-server'
  const cache = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache')
  const unpacked = join(cache, 'headrace', 'nats', 'nats-server')
  return existsSync(unpacked) ? unpacked : undefined
}

/** Why there is none on this machine, if so. */
export function missingNats(): string | undefined {
  return natsProgram() === undefined
    ? 'there is no nats-server on the PATH: `bash scripts/install-nats.sh` unpacks one of Debian'
    : undefined
}

/** Starts one on a free port of the loopback interface. It ends with this process at the latest. */
export async function startNats(): Promise<NatsServer> {
  const port = await freePort()
  const child = spawn(natsProgram() ?? 'nats-server', ['--addr', '127.0.0.1', '--port', String(port)], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const kill = () => child.kill()
  process.once('exit', kill)
  const lines = createInterface({ input: child.stderr })
  for await (const line of lines) {
    if (line.includes('Server is ready')) break
  }
  child.stderr.resume()
  return {
    url: `nats://127.0.0.1:${port}`,
    async stop() {
      process.off('exit', kill)
      child.kill()
      if (child.exitCode === null) await once(child, 'exit')
    },
  }
}
