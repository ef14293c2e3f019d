import type { Socket } from 'node:net'
import { nextTick } from './next-tick.js'
import type { Pipe, PipeEvents } from './mux/pipe.js'
import { fromNodeError } from './node-error.js'

/** A connected TCP or TLS socket, which is paused, as a {@link Pipe}. */
export class SocketPipe implements Pipe {
  private data: (chunk: Uint8Array) => void = () => undefined

  constructor(
    private readonly socket: Socket,
    private readonly peer: string,
    /** What was read of it already. */
    private readonly rest: Uint8Array,
  ) {}

  open(events: PipeEvents): void {
    const { socket, peer } = this
    this.data = chunk => events.data(chunk)
    socket.on('data', this.data) // it is paused
    socket.on('end', () => events.ended())
    socket.on('drain', () => events.drained())
    socket.on('error', error => events.failed(fromNodeError(`connection to ${peer}`, error)))
    socket.on('close', () => events.closed())
  }

  start(): void {
    if (this.rest.length > 0) this.data(this.rest)
    this.socket.resume()
  }

  write(pieces: readonly Uint8Array[]): boolean {
    const { socket } = this
    if (socket.destroyed) return true
    let takesMore = true
    if (pieces.length > 1) socket.cork()
    for (const piece of pieces) takesMore = socket.write(piece)
    if (pieces.length > 1) socket.uncork()
    return takesMore
  }

  get waitingBytes(): number {
    return this.socket.writableLength
  }

  end(): void {
    this.socket.end()
  }

  destroy(): void {
    this.socket.destroy()
  }

  atEndOfTurn(task: () => void): void {
    nextTick(task)
  }
}
