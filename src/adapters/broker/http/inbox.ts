import type { IncomingMessage, ServerResponse } from 'node:http'
import { ServiceError } from '../../../streams/index.js'
import { brokerErrorId, decodePublication, inboxPath } from '../../../wire/broker-http.js'
import { foreignPage, isForeignPage } from '../../origins.js'
import { answerError, answerOk, brokerError, refusal, type Refusal } from './inbox-answers.js'
import type { InboxSocket } from './inbox-socket.js'
import { InboxTargets } from './inbox-target.js'
import { Inflow } from './inflow.js'
import type { OpenPost } from './receiver.js'
import type { Receivers } from './receivers.js'

/** How an {@link Inbox} is made. */
export interface InboxOptions {
  readonly maxBodyBytes: number
  readonly maxHeaderBytes: number
  readonly maxPendingBytes: number
  readonly receivers: Receivers
  readonly allowedOrigins: readonly string[]
  readonly pageTopics: readonly string[]
  readonly fault: (error: ServiceError) => void
}

/** What a request costs besides its bytes: it bounds how many requests without a body one connection can pile up. */
const requestCost = 8 * 1_024

/** The part of all unanswered bytes that one connection may hold before it is not read any more. */
const connectionShare = 1 / 16

/** Characters of a topic that go into an error. */
const maxShown = 100

/** One request under way. */
interface Exchange {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly inflow: Inflow
  /** Its bytes so far, and what it costs besides. */
  held: number
  /** What to do when it is answered, or its connection gone. */
  readonly endings: (() => void)[]
  over: boolean
}

/**
 * Answers requests as a subscriber (PROTOCOL section 11): 200 once the message is answered, also when its handler failed or nobody
 * listens; 405, 500 and 404 with Go's texts; and, where Go has no limit: 403 for a web page, unless its origin and the topic are listed, 413 for too many
 * bytes, 503 while too much is unanswered. A message whose subscription ended before its turn is answered 410, so its publisher can send it to another.
 * Requests of one connection are handled and answered in their order.
 */
export class Inbox {
  private readonly inflows = new WeakMap<object, Inflow>()
  private readonly targets = new InboxTargets()

  constructor(private readonly options: InboxOptions) {}

  /** Whether a connection is not read because of what it has sent already: its publisher is not late. */
  holds(socket: object): boolean {
    return this.inflows.get(socket)?.isPaused === true
  }

  /** A connection was opened. */
  accept(socket: InboxSocket): void {
    this.inflows.set(socket, new Inflow(socket, this.options.maxPendingBytes * connectionShare))
  }

  /** Answers one request of a connection that was accepted, sooner or later. `proceed` asks the client for the body, if it waits to be asked. */
  handle(request: IncomingMessage, response: ServerResponse, proceed: () => void = () => undefined): void {
    const inflow = this.inflows.get(request.socket)
    if (inflow === undefined || inflow.isClosing) return inflow?.ignore()
    response.on('error', () => undefined) // the publisher is gone: its message is answered all the same
    const exchange: Exchange = { request, response, inflow, held: 0, endings: [], over: false }
    const refused = this.refuse(request)
    if (refused !== undefined) return this.reject(exchange, refused)
    this.begin(exchange)
    proceed()
    this.read(exchange)
  }

  private begin(exchange: Exchange): void {
    const { response, inflow, endings } = exchange
    const end = () => {
      forget()
      exchange.over = true
      this.hold(exchange, -exchange.held)
      for (const ending of endings.splice(0)) ending()
    }
    const forget = inflow.onClose(end)
    response.once('close', end)
    this.hold(exchange, requestCost)
  }

  private reject({ response, inflow }: Exchange, refused: Refusal): void {
    if (refused.close === true) inflow.close()
    answerError(response, refused)
  }

  private hold(exchange: Exchange, bytes: number): void {
    exchange.held += bytes
    this.options.receivers.hold(bytes)
  }

  private refuse({ headers, method, url }: IncomingMessage): Refusal | undefined {
    const { allowedOrigins, maxPendingBytes, receivers } = this.options
    const page = { origin: headers.origin, fetchSite: headers['sec-fetch-site']?.toString() }
    if (isForeignPage(page, allowedOrigins)) return refusal('forbidden', foreignPage(page).detail)
    if (this.targets.read(url).path !== inboxPath) return { text: '404 page not found\n', status: 404 }
    if (method !== 'POST')
      return { ...refusal('bad_request', 'Method not allowed'), status: 405, close: false }
    if (Number(headers['content-length'] ?? 0) > this.maxPostBytes)
      return refusal('bad_request', this.tooLarge, 413)
    if (receivers.lacksRoomFor(requestCost))
      return refusal('unavailable', `${maxPendingBytes} bytes of messages are unanswered; try again later`)
    return undefined
  }

  private get maxPostBytes(): number {
    return Math.ceil(this.options.maxBodyBytes / 3) * 4 + this.options.maxHeaderBytes
  }

  private get tooLarge(): string {
    return `The request body is larger than ${this.maxPostBytes} bytes`
  }

  private read(exchange: Exchange): void {
    const { request } = exchange
    const { maxPendingBytes, receivers } = this.options
    const chunks: Buffer[] = []
    let size = 0
    const refuse = (refused: Refusal) => {
      request.off('data', take).off('end', end).resume()
      chunks.length = 0
      this.reject(exchange, refused)
    }
    const take = (chunk: Buffer) => {
      size += chunk.length
      if (!exchange.over) this.hold(exchange, chunk.length)
      if (size > this.maxPostBytes) refuse(refusal('bad_request', this.tooLarge, 413))
      else if (receivers.lacksRoomFor(0))
        refuse(refusal('unavailable', `${maxPendingBytes} bytes of messages are unanswered`))
      else chunks.push(chunk)
    }
    const end = () => this.dispatch(exchange, chunks.length === 1 ? chunks[0] : Buffer.concat(chunks))
    request.on('data', take).on('end', end)
    request.on('error', () => undefined) // it ended before its body did: there is no message, and nobody to tell
  }

  private dispatch(exchange: Exchange, body: Buffer = Buffer.alloc(0)): void {
    const { request, response, inflow, held } = exchange
    inflow.add(held)
    whenOver(exchange, () => inflow.add(-held))
    try {
      const { topic, message } = decodePublication(body)
      const { id } = this.targets.read(request.url)
      const { receivers, pageTopics } = this.options
      if (request.headers.origin !== undefined && !pageTopics.includes(topic)) {
        const detail = `Web pages may not post to the topic ${topic.slice(0, maxShown)}`
        return answerError(response, { error: brokerError('forbidden', detail) })
      }
      const receiver = receivers.get(id)
      const post: OpenPost = {
        message,
        answer: () => answerOk(response),
        release: () => answerOk(response),
        decline: () => answerError(response, { error: goneError() }),
        waits: waiting => inflow.waits(waiting),
      }
      if (receiver?.topic === topic) {
        receiver.accept(post)
        whenOver(exchange, () => receiver.withdraw(post))
      } else if (receivers.hasEnded(id)) post.decline()
      else post.answer()
    } catch (error) {
      const failure = ServiceError.from(error, brokerErrorId)
      this.options.fault(failure)
      answerError(response, { error: failure })
    }
  }
}

function whenOver({ over, endings }: Exchange, ending: () => void): void {
  if (over) ending()
  else endings.push(ending)
}

function goneError(): ServiceError {
  return brokerError('unavailable', 'The subscription has ended', 410)
}
