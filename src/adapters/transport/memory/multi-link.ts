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
import { DirectCalls, type Serve } from './direct-calls.js'
import type { Later } from './batch.js'

/** How a {@link MultiLink} is made. */
export interface MultiLinkParts {
  /** Carries no messages: its end is the end of the connection. */
  readonly control: MemoryChannel
  readonly places: number
  /** Opens one more channel. */
  readonly connect: () => MemoryChannel
  /** Who serves calls without a channel, when there is somebody. */
  readonly serve: () => Serve | undefined
  /** The address that the server sees. */
  readonly client: string
  readonly later: Later
}

/** A link that carries many calls and channels, as a multiplexed wire does. */
export class MultiLink implements Link {
  readonly shared = true
  readonly bare = true
  readonly peer: string
  private readonly ending = new Subject<never>()
  readonly closed = this.ending.asObservable()

  private retired = false
  private readonly calls = new Set<MemoryChannel>()

  private readonly direct: DirectCalls

  constructor(private readonly parts: MultiLinkParts) {
    const { control, client, later } = parts
    this.peer = control.peer
    this.direct = new DirectCalls(client, later, () => this.finishIfDone())
    const gone = () => this.abort(new ServiceError('unavailable', `${this.peer} broke the connection`))
    control.closed.subscribe({ error: gone, complete: gone })
  }

  get room(): number {
    return this.retired ? 0 : this.parts.places - this.calls.size - this.direct.size
  }

  request(message: Message, sink: ReplySink): Cancel {
    const serve = this.parts.serve()
    if (serve === undefined) return this.requestByChannel(message, sink)
    this.checkRoom()
    return this.direct.add(message, serve, sink)
  }

  /** Before the server has said how it serves calls, and where it is not one that does. */
  private requestByChannel(message: Message, sink: ReplySink): Cancel {
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
    this.finishIfDone()
  }

  abort(error: ServiceError): void {
    this.retired = true
    for (const channel of [...this.calls]) channel.abort(error)
    this.direct.abort(error)
    this.finish()
  }

  private claim(): MemoryChannel {
    this.checkRoom()
    const channel = this.parts.connect()
    this.calls.add(channel)
    return channel
  }

  private checkRoom(): void {
    if (this.room > 0) return
    throw new ServiceError('internal', `the link to ${this.peer} has no room: look at room before`)
  }

  private free(channel: MemoryChannel): void {
    this.calls.delete(channel)
    if (channel.peerRetires) this.retired = true
    this.finishIfDone()
  }

  private finishIfDone(): void {
    if (this.retired && this.calls.size + this.direct.size === 0) this.finish()
  }

  private finish(): void {
    this.parts.control.hangUp()
    this.ending.complete()
  }
}
