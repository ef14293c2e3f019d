import { ServiceError, type Message, type NodeRecord } from '../../../streams/index.js'
import type { Outlet, OutletEvents } from '../../stream-track.js'
import type { Outgoing } from './lane.js'
import { Target, type TargetOptions } from './target.js'

/** Longer than any publish: how long a message of a stream may wait is for the stream to say. */
const foreverMs = 2 ** 31 - 1

/** What a {@link TargetOutlet} needs. */
export interface TargetOutletOptions extends TargetOptions {
  readonly pipelining: number
  readonly outgoing: (message: Message) => Outgoing
}

/** Subscribers that get the messages of a published stream one by one, so many of them unanswered at a time. */
export class TargetOutlet implements Outlet<Message> {
  sent = 0
  acked = 0
  nacked = 0
  error: ServiceError | undefined
  private dropped = 0
  private pending = 0
  private nodes = 0
  private ended = false
  private abandoned = false
  private readonly target: Target

  constructor(
    name: string,
    private readonly options: TargetOutletOptions,
    private readonly events: OutletEvents,
  ) {
    this.target = new Target(name, options)
  }

  get room(): number {
    const { pipelining, queueSize } = this.options
    return Math.max(0, Math.min(this.nodes * pipelining, queueSize) - this.pending)
  }

  get hasNodes(): boolean {
    return this.nodes > 0
  }

  get missed(): number {
    return this.dropped + this.target.waiting
  }

  /** The nodes that are there now. */
  update(nodes: readonly NodeRecord[]): void {
    this.nodes = nodes.length
    this.target.update(nodes)
    this.events.changed()
  }

  send(message: Message): void {
    this.sent += 1
    this.pending += 1
    this.target.offer(this.options.outgoing(message), foreverMs, ({ error }, state) => {
      this.pending -= 1
      if (state === 'missed') this.dropped += 1
      else if (state === 'answered' && error === undefined) this.acked += 1
      else if (state === 'answered') this.nacked += 1
      this.error ??= error
      this.moved()
    })
  }

  end(): void {
    this.ended = true
    this.leaveWhenDone()
  }

  abandon(): void {
    this.abandoned = true
    this.target.end(new ServiceError('cancelled', 'nobody waits for it any more'))
  }

  private moved(): void {
    if (this.abandoned) return
    this.events.changed()
    this.leaveWhenDone()
  }

  private leaveWhenDone(): void {
    if (this.ended && this.pending === 0 && !this.abandoned) this.events.left()
  }
}
