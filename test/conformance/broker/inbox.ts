import { firstValueFrom, toArray, type Subscription } from 'rxjs'
import {
  ServiceError,
  type Broker,
  type Delivery,
  type DeliveryReport,
  type Message,
  type PublishOptions,
  type SubscribeOptions,
} from 'headrace/streams'
import { within } from '../law.js'

const limitMs = 5_000

/** One subscription under test: keeps what arrives, and answers it as told. */
export class Inbox {
  readonly deliveries: Delivery<Message>[] = []
  /** What ended the subscription: an error, or `completed`. */
  end: Error | 'completed' | undefined
  private kinds: string[] = []
  private answered = 0
  private changed: () => void = () => undefined
  private readonly subscription: Subscription

  constructor(broker: Broker, topic: string, options: SubscribeOptions & { readonly ack?: boolean } = {}) {
    const { queue } = options
    this.subscription = broker.subscribe(topic, queue === undefined ? {} : { queue }).subscribe({
      next: event => {
        this.kinds.push(event.kind)
        if (event.kind === 'delivery') this.deliveries.push(event.delivery)
        if (options.ack !== false) this.answerAll()
        this.changed()
      },
      error: (error: unknown) =>
        this.finish(error instanceof Error ? error : new Error('it ended with what is no Error')),
      complete: () => this.finish('completed'),
    })
  }

  /** The bodies that arrived, as texts. */
  get texts(): string[] {
    return this.deliveries.map(({ value }) => Buffer.from(value.body).toString())
  }

  /** The kinds of events, in order. */
  get told(): readonly string[] {
    return this.kinds
  }

  /** Acks what is not yet answered. */
  answerAll(): void {
    for (; this.answered < this.deliveries.length; this.answered += 1) this.deliveries[this.answered]?.ack()
  }

  /** Acks or nacks the oldest that is not yet answered. */
  answer(error?: ServiceError): void {
    const delivery = this.deliveries[this.answered]
    this.answered += 1
    if (error === undefined) delivery?.ack()
    else delivery?.nack(error)
  }

  /** Waits until `condition` holds; it is looked at after every event. */
  async until(what: string, condition: (inbox: this) => boolean): Promise<void> {
    await untilAll([this], what, () => condition(this))
  }

  /** Calls `look` after every event from now on, in place of what was called before. */
  watch(look: () => void): void {
    this.changed = look
  }

  unsubscribe(): void {
    this.subscription.unsubscribe()
  }

  private finish(end: Error | 'completed'): void {
    this.end = end
    this.changed()
  }
}

/** Waits until `condition` holds; it is looked at after every event of any of the inboxes. */
export async function untilAll(
  inboxes: readonly Inbox[],
  what: string,
  condition: () => boolean,
): Promise<void> {
  if (condition()) return
  const held = new Promise<void>(resolve => {
    for (const inbox of inboxes) inbox.watch(() => (condition() ? resolve() : undefined))
  })
  await within(limitMs, what, held)
}

/** Several subscriptions of a topic, one on each of the brokers. */
export async function openInboxes(
  brokers: readonly Broker[],
  topic: string,
  options?: SubscribeOptions & { readonly ack?: boolean },
): Promise<readonly Inbox[]> {
  const inboxes: Inbox[] = []
  for (const broker of brokers) inboxes.push(await openInbox(broker, topic, options))
  return inboxes
}

/** Subscribes and waits until the subscription is ready. */
export async function openInbox(
  broker: Broker,
  topic: string,
  options?: SubscribeOptions & { readonly ack?: boolean },
): Promise<Inbox> {
  const inbox = new Inbox(broker, topic, options)
  await inbox.until('a first event', ({ told, end }) => told.length > 0 || end !== undefined)
  const { end } = inbox
  if (end !== undefined) throw end === 'completed' ? new Error('it completed at once') : end
  return inbox
}

/** A message of a text. */
export function messageOf(text: string): Message {
  return { headers: { 'Content-Type': 'text/plain' }, body: Buffer.from(text) }
}

/** Publishes a text and gives all its reports. */
export function publish(
  broker: Broker,
  topic: string,
  text: string,
  options?: PublishOptions,
): Promise<readonly DeliveryReport[]> {
  return publishMessage(broker, topic, messageOf(text), options)
}

/** Publishes a message and gives all its reports. */
export function publishMessage(
  broker: Broker,
  topic: string,
  message: Message,
  options?: PublishOptions,
): Promise<readonly DeliveryReport[]> {
  const reports = firstValueFrom(broker.publish(topic, message, options).pipe(toArray()))
  reports.catch(() => undefined) // who awaits it sees it; a law that failed earlier does not
  return within(2 * limitMs, `the reports of a publish`, reports)
}

/** Asserts that `attempt` fails with an error of that kind. */
export async function failsWith(kind: string, attempt: Promise<unknown>): Promise<void> {
  const outcome = await attempt.then(
    () => 'no error',
    (error: unknown) => (error instanceof ServiceError ? error.kind : `no ServiceError: ${String(error)}`),
  )
  if (outcome !== kind) throw new Error(`expected an error of kind ${kind}, got: ${outcome}`)
}

/** Options of a subscription that answers nothing by itself. */
export const stalled = { ack: false }

/** Options of a publish that waits for longer than any law lasts. */
export const patient = { timeoutMs: 60_000 }

/** The texts `m0`, `m1` and so on. */
export function texts(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `m${index}`)
}

/** The texts in an order that does not depend on who got them. */
export function ordered(list: readonly string[]): string[] {
  return [...list].sort()
}
