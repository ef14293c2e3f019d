import { Subject } from 'rxjs'
import {
  ServiceError,
  type Cancel,
  type Channel,
  type Link,
  type Message,
  type ReplySink,
} from '../../../streams/index.js'
import type { MemoryChannel } from './channel.js'

/** A link that opens a channel for each call, as a multiplexed wire does. */
export class MultiLink implements Link {
  readonly shared = true
  readonly bare = true
  readonly peer: string
  private readonly ending = new Subject<never>()
  readonly closed = this.ending.asObservable()

  private retired = false
  private readonly calls = new Set<MemoryChannel>()

  /** `control` carries no messages: its end is the end of the connection. `connect` opens one more channel. */
  constructor(
    private readonly control: MemoryChannel,
    private readonly places: number,
    private readonly connect: () => MemoryChannel,
  ) {
    this.peer = control.peer
    const gone = () => this.abort(new ServiceError('unavailable', `${this.peer} broke the connection`))
    control.closed.subscribe({ error: gone, complete: gone })
  }

  get room(): number {
    return this.retired ? 0 : this.places - this.calls.size
  }

  request(message: Message, sink: ReplySink): Cancel {
    const channel = this.claim()
    let open = true
    const settle = (tell: () => void) => {
      if (!open) return
      open = false
      this.free(channel)
      tell()
    }
    const lost = (error: ServiceError) => {
      const sent = !channel.hasUnsent
      settle(() => sink.fail(error, sent))
    }
    channel.incoming.subscribe({
      next: delivery => {
        delivery.ack()
        channel.hangUp()
        settle(() => sink.reply(delivery.value))
      },
      error: lost,
      complete: () => lost(new ServiceError('unavailable', `${this.peer} ended the call without an answer`)),
    })
    channel.send(message)
    channel.end()
    return () =>
      settle(() => channel.abort(new ServiceError('cancelled', `the request to ${this.peer} was cancelled`)))
  }

  open(): Channel {
    const channel = this.claim()
    const free = () => this.free(channel)
    channel.closed.subscribe({ error: free, complete: free })
    return channel
  }

  retire(): void {
    this.retired = true
    if (this.calls.size === 0) this.finish()
  }

  abort(error: ServiceError): void {
    this.retired = true
    for (const channel of [...this.calls]) channel.abort(error)
    this.finish()
  }

  private claim(): MemoryChannel {
    if (this.room === 0) {
      throw new ServiceError('internal', `the link to ${this.peer} has no room: look at room before`)
    }
    const channel = this.connect()
    this.calls.add(channel)
    return channel
  }

  private free(channel: MemoryChannel): void {
    this.calls.delete(channel)
    if (channel.peerRetires) this.retired = true
    if (this.retired && this.calls.size === 0) this.finish()
  }

  private finish(): void {
    this.control.hangUp()
    this.ending.complete()
  }
}
