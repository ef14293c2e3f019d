import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

/** Something between two peers that can stop forwarding, in both directions and without closing anything: what a cable does that is pulled. */
export interface SilencingProxy {
  readonly address: string
  /** Forwards nothing any more, and keeps nothing of it. */
  silence(): void
  /** Forwards again what comes from now on. */
  restore(): void
  close(): Promise<void>
}

/** A proxy to `target`, at a port of its own. */
export async function startSilencingProxy(target: string): Promise<SilencingProxy> {
  const [host = '', port = ''] = target.split(':')
  const sockets = new Set<Socket>()
  let forwarding = true
  const server = createServer(near => {
    const far = connect(Number(port), host)
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from)
      from.on('data', (chunk: Buffer) => forwarding && to.write(chunk))
      from.on('end', () => forwarding && to.end())
      from.on('error', () => undefined)
      from.on('close', () => sockets.delete(from))
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    silence: () => (forwarding = false),
    restore: () => (forwarding = true),
    close: async () => {
      for (const socket of sockets) socket.destroy()
      await new Promise(done => server.close(done))
    },
  }
}
