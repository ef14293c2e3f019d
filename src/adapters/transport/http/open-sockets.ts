import type { Socket } from 'node:net'

/** The TCP sockets of a transport, so that closing it can wait for the last of them. */
export class OpenSockets {
  private readonly open = new Map<Socket, Socket>()
  private waiting: (() => void)[] = []

  /** Counts a TCP socket until it is closed. */
  add(raw: Socket): void {
    this.open.set(raw, raw)
    raw.once('close', () => this.forget(raw))
    // Who uses the socket hears of its errors; this is for the moments in which nobody does.
    raw.on('error', () => undefined)
  }

  /**
   * `socket` is the TLS socket on `raw`. Node does not always tell of the end of the TCP socket under a TLS socket that is closed:
   * it has ended two turns of the event loop later.
   */
  follow(raw: Socket, socket: Socket): void {
    if (raw === socket) return
    this.open.set(raw, socket)
    socket.once('close', () => setImmediate(() => setImmediate(() => this.forget(raw))))
    socket.on('error', () => undefined)
  }

  destroyAll(): void {
    for (const socket of [...this.open.values()]) socket.destroy()
  }

  /** Resolves when none is open. */
  emptied(): Promise<void> {
    if (this.open.size === 0) return Promise.resolve()
    return new Promise(done => this.waiting.push(done))
  }

  private forget(raw: Socket): void {
    this.open.delete(raw)
    if (this.open.size > 0) return
    const { waiting } = this
    this.waiting = []
    for (const done of waiting) done()
  }
}
