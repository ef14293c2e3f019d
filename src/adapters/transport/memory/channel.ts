import { Subject } from 'rxjs'
import {
  Inbox,
  SendCredit,
  ServiceError,
  type Channel,
  type Message,
  type SendLimits,
} from '../../../streams/index.js'
import type { Later } from './batch.js'
import { copyOf } from './copy.js'

/** What travels from one end to the other, in order. */
type Signal =
  | { readonly kind: 'message'; readonly message: Message; readonly retiring: boolean }
  | { readonly kind: 'end' }
  | { readonly kind: 'broken' }

/** Both ends of a new connection: what one sends the other receives, in a later turn. */
export function createChannelPair(
  later: Later,
  window: SendLimits,
  peers: { readonly client: string; readonly server: string },
): { readonly client: MemoryChannel; readonly server: MemoryChannel } {
  const client = new MemoryChannel(later, window, peers.server)
  const server = new MemoryChannel(later, window, peers.client)
  client.join(server)
  server.join(client)
  return { client, server }
}

/**
 * One end of a memory connection. What it sends waits in its queue until a later turn and then in the inbox of the other end;
 * the two together hold no more than the window.
 */
export class MemoryChannel implements Channel {
  /** The other side has said that it takes nothing further. */
  peerRetires = false

  private readonly inbox = new Inbox<Message>(() => this.other?.schedule())
  private readonly credit: SendCredit
  private readonly ending = new Subject<never>()
  private other: MemoryChannel | undefined
  private queue: Signal[] = []
  private queuedMessages = 0
  private queuedBytes = 0
  private scheduled = false
  private retiring = false
  private sendEnded = false
  private peerEnded = false
  private finished = false

  readonly incoming = this.inbox.incoming
  readonly demand
  readonly closed = this.ending.asObservable()

  constructor(
    private readonly later: Later,
    window: SendLimits,
    readonly peer: string,
  ) {
    this.credit = new SendCredit(window)
    this.demand = this.credit.demand
  }

  /** Connects this end to the other one, once. */
  join(other: MemoryChannel): void {
    this.other = other
  }

  /** How many messages may be sent now. */
  get available(): number {
    return this.finished || this.sendEnded ? 0 : this.credit.available
  }

  /** Whether something that was sent has not reached the other end yet. */
  get hasUnsent(): boolean {
    return this.queue.length > 0
  }

  send(message: Message): void {
    if (this.finished) return
    if (this.sendEnded) throw new ServiceError('internal', `send to ${this.peer} after end`)
    this.credit.take(message.body.byteLength)
    const copy = copyOf(message)
    this.queuedMessages += 1
    this.queuedBytes += copy.body.byteLength
    this.enqueue({ kind: 'message', message: copy, retiring: this.retiring })
  }

  end(): void {
    if (this.sendEnded || this.finished) return
    this.sendEnded = true
    this.credit.finish()
    this.enqueue({ kind: 'end' })
    this.finishIfDone()
  }

  abort(error: ServiceError): void {
    if (this.finished) return
    this.leave({ kind: 'broken' })
    this.inbox.abort(error)
    this.ending.complete()
  }

  /** Ends both directions on this side; the peer sees a clean end after what was sent. */
  hangUp(): void {
    if (this.finished) return
    const unsent = this.sendEnded ? [] : [...this.queue, { kind: 'end' } as const]
    if (!this.sendEnded) this.leave(...unsent)
    this.inbox.finish()
    this.ending.complete()
  }

  retire(): void {
    this.retiring = true
  }

  private leave(...last: Signal[]): void {
    this.finished = true
    this.queue = []
    for (const signal of last) this.enqueue(signal)
    this.credit.finish()
  }

  private enqueue(signal: Signal): void {
    this.queue.push(signal)
    this.schedule()
  }

  private schedule(): void {
    if (this.scheduled) return
    this.scheduled = true
    this.later(() => this.deliver())
  }

  private deliver(): void {
    this.scheduled = false
    const signals = this.queue
    this.queue = []
    this.queuedMessages = 0
    this.queuedBytes = 0
    const { other } = this
    if (other === undefined) return
    for (const signal of signals) other.receive(signal)
    this.credit.refill(this.queuedMessages + other.inbox.held, this.queuedBytes + other.inbox.heldBytes)
  }

  private receive(signal: Signal): void {
    if (this.finished) return
    if (signal.kind === 'message') {
      this.peerRetires ||= signal.retiring
      this.inbox.push(signal.message, signal.message.body.byteLength)
    } else if (signal.kind === 'end') {
      this.peerEnded = true
      this.inbox.finish()
      this.finishIfDone()
    } else {
      this.breakOff(new ServiceError('unavailable', `${this.peer} broke the connection`))
    }
  }

  private breakOff(error: ServiceError): void {
    this.leave()
    this.inbox.finish(error)
    this.ending.error(error)
  }

  private finishIfDone(): void {
    if (!this.sendEnded || !this.peerEnded || this.finished) return
    this.finished = true
    this.ending.complete()
  }
}
