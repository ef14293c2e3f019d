import { frameType } from './frames.js'
import type { Receiver } from './receiver.js'
import type { Sender } from './sender.js'
import type { MuxStream } from './stream.js'

/** The credit that is to be given back to the peer with the next bytes that go out. */
export class Debts {
  private streams: MuxStream[] = []
  private connection = false

  constructor(
    private readonly sender: Sender,
    private readonly receiver: Receiver,
  ) {}

  /** Enough is owed to be told: on a stream, or for all of them. */
  owe(stream: MuxStream | undefined): void {
    if (stream === undefined) this.connection = true
    else this.streams.push(stream)
    this.sender.announce()
  }

  /** Writes what is owed. */
  pay(): void {
    const { streams, sender, receiver } = this
    if (streams.length > 0) this.streams = []
    for (const stream of streams) {
      if (stream.over) continue
      sender.control(frameType.credit, stream.id, [stream.owedMessages, stream.owedBytes])
      receiver.gave(stream)
    }
    if (!this.connection) return
    this.connection = false
    sender.control(frameType.credit, 0, [receiver.owedMessages, receiver.owedBytes])
    receiver.gave(undefined)
  }
}
