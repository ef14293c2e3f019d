import type { Socket } from 'node:net'
import type { Codec } from './codec.js'

/** What a frame is for: a request or answer of one piece, a request for a stream, an item of a stream, the end of one. */
export const kinds = { call: 0, event: 1, echo: 2, texts: 3, echoes: 4, item: 5, end: 6 } as const

/** Hears a frame; its body is `bytes` from `from` to `to`, until this returns. */
export type Heard = (id: number, kind: number, bytes: Buffer, from: number, to: number) => void

const headBytes = 9
const slabBytes = 256 * 1024
const empty = Buffer.alloc(0)

/** A socket that carries frames: 4 bytes of length, 4 of the number of its call, 1 of its kind, a body. Those of one turn go out with one write. */
export class FrameSocket {
  private slab = Buffer.allocUnsafeSlow(slabBytes)
  /** What is written in the slab and not yet on its way: the bytes between these. */
  private from = 0
  private at = 0
  private scheduled = false
  private rest: Buffer = empty

  constructor(
    private readonly socket: Socket,
    private readonly heard: Heard,
  ) {
    socket.on('data', (data: Buffer) => this.read(data))
  }

  send<T>(id: number, kind: number, codec: Codec<T>, value: T): void {
    const at = this.roomFor(codec.most(value))
    this.finish(at, id, kind, codec.write(value, this.slab, at + headBytes))
  }

  /** A frame with a body that is encoded already. */
  sendBytes(id: number, kind: number, body: Uint8Array): void {
    const at = this.roomFor(body.length)
    this.slab.set(body, at + headBytes)
    this.finish(at, id, kind, at + headBytes + body.length)
  }

  /** So much waits that a sender should await {@link ready} before the next. */
  get full(): boolean {
    return this.at - this.from >= slabBytes / 4
  }

  /** Writes what waits. Resolves when more may be sent. */
  async ready(): Promise<void> {
    this.flush()
    if (this.socket.writableNeedDrain) await new Promise<void>(drained => this.socket.once('drain', drained))
  }

  /** Reads nothing until what waits for the socket has been taken. */
  pauseUntilDrained(): void {
    if (!this.socket.writableNeedDrain) return
    this.socket.pause()
    this.socket.once('drain', () => this.socket.resume())
  }

  close(): void {
    this.socket.destroy()
  }

  private roomFor(body: number): number {
    const needed = headBytes + body
    if (this.at + needed > this.slab.length) {
      this.flush()
      this.slab = Buffer.allocUnsafeSlow(Math.max(slabBytes, needed))
      this.from = this.at = 0
    }
    return this.at
  }

  private finish(at: number, id: number, kind: number, end: number): void {
    const { slab } = this
    slab.writeUInt32LE(end - at - headBytes, at)
    slab.writeUInt32LE(id, at + 4)
    slab[at + 8] = kind
    this.at = end
    if (this.scheduled) return
    this.scheduled = true
    process.nextTick(this.flushScheduled)
  }

  private readonly flushScheduled = (): void => {
    this.scheduled = false
    this.flush()
  }

  private flush(): void {
    if (this.at === this.from) return
    this.socket.write(this.slab.subarray(this.from, this.at))
    this.from = this.at
  }

  private read(data: Buffer): void {
    const bytes = this.rest.length === 0 ? data : Buffer.concat([this.rest, data])
    let at = 0
    while (bytes.length - at >= headBytes) {
      const from = at + headBytes
      const to = from + bytes.readUInt32LE(at)
      if (to > bytes.length) break
      this.heard(bytes.readUInt32LE(at + 4), bytes[at + 8] ?? 0, bytes, from, to)
      at = to
    }
    this.rest = at === bytes.length ? empty : bytes.subarray(at)
  }
}
