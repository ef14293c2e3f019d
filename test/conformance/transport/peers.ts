import { firstValueFrom, type Observable, type Subscription } from 'rxjs'
import { ServiceError, type Channel, type Link, type Message, type Transport } from 'headrace/streams'
import { within } from '../law.js'

const patienceMs = 8000

/** Waits a limited time for one value. */
function first<T>(what: string, source: Observable<T>): Promise<T> {
  return within(patienceMs, what, firstValueFrom(source))
}

/** Waits a limited time until a condition holds; looks after each turn of the event loop. */
export async function until(what: string, holds: () => boolean): Promise<void> {
  const limit = performance.now() + patienceMs
  while (!holds()) {
    if (performance.now() > limit) throw new Error(`${what}: not within ${patienceMs} ms`)
    await turn()
  }
}

/** The error handler of what must not fail: it fails the run. */
export function unexpected(error: unknown): never {
  throw error
}

/** Lets the event loop go round once. */
export function turn(): Promise<void> {
  return new Promise(resolve => setImmediate(resolve))
}

/** Gives a wire some milliseconds to carry what is under way, where nothing can be waited for. */
export function pause(ms = 5): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, ms))
}

/** How a stream that emits nothing more ended, waited for a limited time. */
export function endOf(what: string, source: Observable<unknown>): Promise<'completed' | ServiceError> {
  const end = new Promise<'completed' | ServiceError>((resolve, reject) =>
    source.subscribe({
      error: (error: unknown) =>
        error instanceof ServiceError
          ? resolve(error)
          : reject(new Error(`${what}: no ServiceError: ${String(error)}`)),
      complete: () => resolve('completed'),
    }),
  )
  return within(patienceMs, what, end)
}

/** A server that listens. */
export interface Listening {
  readonly address: string
  readonly subscription: Subscription
  /** The channels that were opened, in order. */
  readonly channels: readonly Channel[]
}

/** Listens with a transport; `serve` gets each channel that a peer opens. */
export async function listen(
  transport: Transport,
  address: string,
  serve: (channel: Channel) => void = () => undefined,
): Promise<Listening> {
  const channels: Channel[] = []
  let subscription: Subscription | undefined
  const bound = new Promise<string>((resolve, reject) => {
    subscription = transport.listen(address).subscribe({
      next: event => {
        if (event.kind === 'listening') return resolve(event.address)
        if (event.kind === 'connection') return // its calls arrive as channels when nobody serves them
        channels.push(event.channel)
        serve(event.channel)
      },
      error: reject,
    })
  })
  const at = await within(patienceMs, `listen at ${address}`, bound)
  return { address: at, subscription: subscription as Subscription, channels }
}

/** Dials an address. */
export function dial(transport: Transport, address: string): Promise<Link> {
  return first(`dial ${address}`, transport.dial(address))
}

/** A message with a text as its body. */
export function message(text: string, headers: Record<string, string> = {}): Message {
  return { headers, body: new TextEncoder().encode(text) }
}

/** A message of so many bytes, all different from those of another seed. */
export function sized(bytes: number, seed = 1): Message {
  const body = new Uint8Array(bytes)
  for (let at = 0; at < bytes; at += 1) body[at] = (at * 31 + seed * 7 + (at >> 8)) & 0xff
  return { headers: { 'X-Seed': String(seed) }, body }
}

/** The body of a message as text. */
export function textOf({ body }: Message): string {
  return new TextDecoder().decode(body)
}

/** What became of a request. */
export type Outcome = { readonly reply: Message } | { readonly error: ServiceError; readonly sent: boolean }

/** A request that was started: its outcome, and how to cancel it. */
export interface Started {
  readonly outcome: () => Promise<Outcome>
  readonly cancel: () => void
  readonly settled: () => number
}

/** Starts a request. */
export function request(link: Link, body: Message): Started {
  let settled = 0
  let cancel: () => void = () => undefined
  const outcome = new Promise<Outcome>(resolve => {
    const settle = (value: Outcome) => {
      settled += 1
      resolve(value)
    }
    cancel = link.request(body, {
      reply: reply => settle({ reply }),
      fail: (error, sent) => settle({ error, sent }),
    })
  })
  return {
    outcome: () => within(patienceMs, 'the outcome of a request', outcome),
    cancel,
    settled: () => settled,
  }
}

/** The reply to a request; fails when there is none. */
export async function replyTo(link: Link, body: Message): Promise<Message> {
  const outcome = await request(link, body).outcome()
  if ('error' in outcome) throw outcome.error
  return outcome.reply
}

/** Answers each message of a channel, and ends it when the peer does. */
export function answerOn(channel: Channel, answer: (message: Message, channel: Channel) => Message): void {
  channel.incoming.subscribe({
    next: delivery => {
      channel.send(answer(delivery.value, channel))
      delivery.ack()
    },
    complete: () => channel.end(),
    error: () => undefined, // the client's side tells
  })
}
