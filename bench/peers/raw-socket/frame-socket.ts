import type { Socket } from 'node:net'

/** What a frame is for: a request or answer of one piece, a request for a stream, an item of a stream, the end of one. */
export const kinds = { call: 0, event: 1, echo: 2, texts: 3, echoes: 4, item: 5, end: 6 } as const

/** One frame: 4 bytes of length, 4 of the number of its call, 1 of its kind, and a JSON text. */
export interface Frame {
  readonly id: number
  readonly kind: number
  readonly text: string
}

const headBytes = 9

/** A socket that carries frames; those of one turn go out with one write. */
export class FrameSocket {
  private rest: Buffer = Buffer.alloc(0)
  private out: Frame[] = []

  constructor(
    private readonly socket: Socket,
    private readonly heard: (frame: Frame) => void,
  ) {
    socket.on('data', data => this.read(data))
  }

  send(id: number, kind: number, text: string): void {
    if (this.out.length === 0) process.nextTick(() => this.flush())
    this.out.push({ id, kind, text })
  }

  /** So many frames wait that a sender should await {@link ready} before the next. */
  get full(): boolean {
    return this.out.length >= 256
  }

  /** Writes what waits. Resolves when more may be sent. */
  async ready(): Promise<void> {
    this.flush()
    if (this.socket.writableNeedDrain) await new Promise<void>(drained => this.socket.once('drain', drained))
  }

  close(): void {
    this.socket.destroy()
  }

  private flush(): void {
    const { out } = this
    this.out = []
    const total = out.reduce((sum, { text }) => sum + headBytes + text.length * 3, 0)
    const bytes = Buffer.allocUnsafe(total)
    let at = 0
    for (const { id, kind, text } of out) {
      const length = bytes.write(text, at + headBytes)
      bytes.writeUInt32LE(length, at)
      bytes.writeUInt32LE(id, at + 4)
      bytes[at + 8] = kind
      at += headBytes + length
    }
    if (at > 0) this.socket.write(bytes.subarray(0, at))
  }

  private read(data: Buffer): void {
    const bytes = this.rest.length === 0 ? data : Buffer.concat([this.rest, data])
    let at = 0
    while (bytes.length - at >= headBytes) {
      const end = at + headBytes + bytes.readUInt32LE(at)
      if (end > bytes.length) break
      const text = bytes.toString('utf8', at + headBytes, end)
      this.heard({ id: bytes.readUInt32LE(at + 4), kind: bytes[at + 8] ?? 0, text })
      at = end
    }
    this.rest = bytes.subarray(at)
  }
}
