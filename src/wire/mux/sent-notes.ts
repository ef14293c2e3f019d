import type { MuxStream } from './stream.js'

/** The streams whose senders are to hear that something has left their queue, or that the peer allows more. A call is one message: nobody waits for that. */
export class SentNotes {
  private streams: MuxStream[] = []

  /** `announce` says that there is something to tell, with the next bytes that go out. */
  constructor(private readonly announce: () => void) {}

  get waiting(): boolean {
    return this.streams.length > 0
  }

  note(stream: MuxStream): void {
    if (stream.toldSent || stream.call) return
    stream.toldSent = true
    this.streams.push(stream)
    this.announce()
  }

  /** Tells them, whereupon they may send more. False when there was nobody to tell. */
  tell(): boolean {
    const { streams } = this
    if (streams.length === 0) return false
    this.streams = []
    for (const stream of streams) {
      stream.toldSent = false
      if (!stream.over) stream.handler?.sent()
    }
    return true
  }
}
