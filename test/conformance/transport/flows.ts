import type { Subscription } from 'rxjs'
import { ServiceError, type Channel, type Delivery, type Link, type Message } from 'headrace/streams'
import { within } from '../law.js'
import { dial, listen, message, unexpected, until, type Listening } from './peers.js'
import type { TransportSubject } from './subject.js'

/** Reads a channel; each delivery is acked, nacked, or held until `release`. */
export class Reader {
  readonly messages: Message[] = []
  readonly subscription: Subscription
  private readonly ending: Promise<'completed' | ServiceError>
  private held: Delivery<Message>[] = []

  constructor(
    channel: Channel,
    private answer: 'ack' | 'nack' | 'hold' = 'ack',
  ) {
    let settle: (end: 'completed' | ServiceError) => void = () => undefined
    const ended = new Promise<'completed' | ServiceError>(resolve => (settle = resolve))
    this.subscription = channel.incoming.subscribe({
      next: delivery => this.take(delivery),
      error: (error: ServiceError) => settle(error),
      complete: () => settle('completed'),
    })
    this.ending = ended
  }

  /** `completed`, or the error; fails when neither comes in time. */
  end(): Promise<'completed' | ServiceError> {
    return within(8000, 'the end of incoming', this.ending)
  }

  /** How many deliveries were not answered. */
  get unanswered(): number {
    return this.held.length
  }

  /** Waits until so many messages have come. */
  async count(messages: number): Promise<readonly Message[]> {
    await until(`${messages} messages`, () => this.messages.length >= messages)
    return this.messages
  }

  /** Answers what is held, and all that follows as it comes. */
  release(answer: 'ack' | 'nack' = 'ack'): void {
    this.answer = answer
    const { held } = this
    this.held = []
    for (const delivery of held) this.settle(delivery)
  }

  private take(delivery: Delivery<Message>): void {
    this.messages.push(delivery.value)
    if (this.answer === 'hold') this.held.push(delivery)
    else this.settle(delivery)
  }

  private settle(delivery: Delivery<Message>): void {
    if (this.answer === 'nack') delivery.nack(new ServiceError('internal', 'not wanted'))
    else delivery.ack()
  }
}

/** Writes to a channel as its demand allows. */
export class Writer {
  /** How many messages may be sent now. */
  allowed = 0
  sent = 0
  /** How often `demand` has emitted. */
  grants = 0
  ended = false

  constructor(private readonly channel: Channel) {
    channel.demand.subscribe({
      next: more => {
        this.allowed += more
        this.grants += 1
      },
      error: unexpected,
      complete: () => (this.ended = true),
    })
  }

  /** Sends what may be sent now, at most `limit` messages; the number that was sent. */
  burst(make: (index: number) => Message, limit = Infinity): number {
    let sent = 0
    for (; this.allowed > 0 && sent < limit; sent += 1) this.one(make(this.sent))
    return sent
  }

  /** Sends so many messages, waiting for demand. */
  async all(count: number, make: (index: number) => Message): Promise<void> {
    const goal = this.sent + count
    while (this.sent < goal) {
      await until('demand', () => this.allowed > 0)
      this.burst(make, goal - this.sent)
    }
  }

  /** Sends one message, which demand must allow. */
  one(value: Message): void {
    this.allowed -= 1
    this.sent += 1
    this.channel.send(value)
  }
}

/** Both ends of a channel, and the link it is on. */
export interface Ends {
  readonly listening: Listening
  readonly link: Link
  readonly client: Channel
  readonly server: Channel
  readonly fromClient: Writer
  readonly fromServer: Writer
}

/** The first message of every channel that {@link connect} opens; the server has read it. */
export const opening = 'opening'

/** Opens a channel. The client has sent one message, which the server's reader gets first. */
export async function connect({ server, client, address }: TransportSubject): Promise<Ends> {
  const listening = await listen(server, address)
  const link = await dial(client, listening.address)
  const mine = link.open()
  const fromClient = new Writer(mine)
  await until('demand', () => fromClient.allowed > 0)
  fromClient.one(message(opening))
  await until('a channel at the server', () => listening.channels.length > 0)
  const [theirs] = listening.channels.slice(-1) as [Channel]
  return {
    listening,
    link,
    client: mine,
    server: theirs,
    fromClient,
    fromServer: new Writer(theirs),
  }
}
