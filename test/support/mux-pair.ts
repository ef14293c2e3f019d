import type { Message, ServiceError } from 'headrace/streams'
import {
  Multiplexer,
  resolveMuxLimits,
  type MuxLimits,
  type MuxStream,
  type StreamFailure,
} from '../../src/wire/mux.js'

/** What one side has heard of a stream, and the stream. */
export interface HeardStream {
  readonly stream: MuxStream
  readonly messages: Message[]
  ended: boolean
  over: boolean
  broken: StreamFailure | undefined
  /** Messages that were not given back yet. */
  unread: number[]
}

/** One end of a fast lane without a socket: what it sends is taken in pieces of any size. */
export class MuxEnd {
  readonly mux: Multiplexer
  readonly heard: HeardStream[] = []
  readonly accepted: HeardStream[] = []
  failure: ServiceError | undefined
  goneAway = false
  /** What was said of a silent peer, in order. */
  readonly suspicions: boolean[] = []
  private waiting: Uint8Array = new Uint8Array(0)

  constructor(
    dialled: boolean,
    limits: Partial<MuxLimits> = {},
    private readonly reads: 'at once' | 'when told' = 'at once',
  ) {
    this.mux = new Multiplexer(dialled, resolveMuxLimits(limits), {
      ready: () => undefined,
      output: () => undefined,
      plenty: () => undefined,
      opened: stream => {
        const heard = this.listen(stream)
        this.accepted.push(heard)
        return this.handlerOf(heard)
      },
      idle: () => undefined,
      goneAway: () => (this.goneAway = true),
      suspected: suspect => this.suspicions.push(suspect),
      failed: error => (this.failure = error),
    })
  }

  open(call = false): HeardStream {
    // The handler is asked for nothing before the first bytes come, and the stream is there then.
    const late: { heard?: HeardStream } = {}
    const stream = this.mux.open(
      {
        received: (message, bytes) => late.heard && this.take(late.heard, message, bytes),
        ended: () => late.heard && (late.heard.ended = true),
        over: () => late.heard && (late.heard.over = true),
        broken: failure => late.heard && (late.heard.broken = failure),
        sent: () => undefined,
      },
      call,
    )
    late.heard = this.listen(stream)
    return late.heard
  }

  /** Gives back what was received, at most `count` messages. */
  read(heard: HeardStream, count = Infinity): void {
    for (let n = 0; n < count; n += 1) {
      const bytes = heard.unread.shift()
      if (bytes === undefined) return
      this.mux.consumed(heard.stream, 1, bytes)
    }
  }

  /** Up to `bytes` of what goes out. */
  out(bytes: number): Uint8Array {
    const parts = [this.waiting, ...this.mux.take(64 * 1024)]
    const all = Buffer.concat(parts)
    this.waiting = all.subarray(bytes)
    return all.subarray(0, bytes)
  }

  private listen(stream: MuxStream): HeardStream {
    const heard = { stream, messages: [], ended: false, over: false, broken: undefined, unread: [] }
    this.heard.push(heard)
    return heard
  }

  private handlerOf(heard: HeardStream) {
    return {
      received: (message: Message, bytes: number) => this.take(heard, message, bytes),
      ended: () => void (heard.ended = true),
      over: () => void (heard.over = true),
      broken: (failure: StreamFailure) => void (heard.broken = failure),
      sent: () => undefined,
    }
  }

  private take(heard: HeardStream, message: Message, bytes: number): void {
    heard.messages.push({ headers: message.headers, body: message.body.slice() })
    if (heard.stream.call) return
    heard.unread.push(bytes)
    if (this.reads === 'at once') this.read(heard)
  }
}

/** Carries bytes both ways until nothing moves any more; `cut` says how many at once. */
export function settle(left: MuxEnd, right: MuxEnd, cut: () => number = () => 1 << 20): void {
  for (let quiet = 0; quiet < 3;) {
    let moved = 0
    for (const [from, to] of [
      [left, right],
      [right, left],
    ] as const) {
      const bytes = from.out(cut())
      moved += bytes.length
      if (bytes.length > 0) to.mux.receive(bytes)
    }
    quiet = moved === 0 ? quiet + 1 : 0
  }
}
