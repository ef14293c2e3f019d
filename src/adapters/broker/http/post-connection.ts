import type { Subscription } from 'rxjs'
import { ServiceError, parseAddress, formatAddress, type Clock } from '../../../streams/index.js'
import { inboxPath } from '../../../wire/broker-http.js'
import { HeadWriter, createResponseParser, type HttpResponse } from '../../../wire/http1.js'
import { fromNodeError } from '../../node-error.js'
import { WriteBatch } from '../../write-batch.js'
import type { BrokerTlsOptions } from './options.js'
import { outcomeOf, unanswered, type Post, type PostOutcome } from './post.js'
import { dialSubscriber, type PostSocket } from './post-socket.js'

/** How a {@link PostConnection} is made. */
export interface PostConnectionOptions {
  readonly address: string
  /** Absent: plain HTTP. */
  readonly tls: BrokerTlsOptions | undefined
  readonly pipelining: number
  readonly pipelinedBytes: number
  readonly answerTimeoutMs: number
  readonly clock: Clock
  /** There may be room again, or the connection is over. Called after the outcomes that are known were told. */
  readonly changed: (connection: PostConnection) => void
}

/** Less than the 120 s after which a subscriber of ours closes an idle connection. */
const idleMs = 45_000
/** Answers have no content that matters; one that is larger breaks the connection. */
const answerLimits = { maxHeaderBytes: 64 * 1_024, maxBodyBytes: 64 * 1_024 }

/**
 * One keep-alive connection to a subscriber's listener, with POSTs that follow one another without waiting for answers (RFC 9112 section 9.3.2).
 * Answers come in the same order. The first POST goes alone: only its answer shows that the connection stays.
 */
export class PostConnection {
  /** Where it leads to: scheme and address. Connections of one key are worth the same. */
  readonly key: string
  private readonly address: string
  private readonly socket: PostSocket['socket']
  private readonly host: string
  private readonly parser = createResponseParser(answerLimits)
  private readonly writer = new HeadWriter()
  private readonly batch = new WriteBatch()
  /** What has no answer, oldest first. The last `unsent` of them are still in the batch. */
  private readonly posts: Post[] = []
  private unsent = 0
  private bytes = 0
  private connected = false
  private proven = false
  private flushing: NodeJS.Immediate | undefined
  private over = false
  private failure: ServiceError | undefined
  /** Since when nothing was answered, or used. */
  private since = 0
  private timer: Subscription | undefined

  /** Throws for an address that is none, and for TLS options that do not fit each other. */
  constructor(private readonly options: PostConnectionOptions) {
    const { address, tls } = options
    const { host, port } = parseAddress(address)
    this.address = address
    this.key = `${tls === undefined ? 'http' : 'https'} ${address}`
    this.host = formatAddress(host, port)
    const { socket, ready } = dialSubscriber({ host, port }, tls)
    this.socket = socket
    socket.once(ready, this.onReady).on('data', this.onData).on('end', this.onEnd)
    socket.on('drain', this.onDrain).on('error', this.onError).on('close', this.onClose)
  }

  /** Whether it is of no use any more. */
  get isOver(): boolean {
    return this.over
  }

  /** Whether all POSTs were answered. */
  get isIdle(): boolean {
    return this.posts.length === 0
  }

  /** Whether one more POST may follow now. */
  get hasRoom(): boolean {
    const { pipelining, pipelinedBytes } = this.options
    if (this.over) return false
    if (this.isIdle) return true
    return (
      this.proven &&
      this.posts.length < pipelining &&
      this.bytes < pipelinedBytes &&
      !this.socket.writableNeedDrain
    )
  }

  /** Sends a POST behind the others, at the end of this turn of the event loop. Call it only when there is room. */
  post(post: Post): void {
    const { node, body } = post
    const message = { headers: { 'Content-Type': 'application/json' }, body }
    const target = `${inboxPath}?id=${encodeURIComponent(node.id)}`
    this.batch.add(this.writer.request(this.host, 'headrace', message, target), body)
    this.posts.push(post)
    this.unsent += 1
    this.bytes += body.byteLength
    if (this.posts.length === 1) this.watch(this.options.answerTimeoutMs)
    if (this.connected) this.flushing ??= setImmediate(this.flush)
  }

  /** Closes it at once; what is under way fails with `error`. */
  close(error: ServiceError): void {
    this.end(error)
  }

  private readonly flush = (): void => {
    this.flushing = undefined
    this.unsent = 0
    this.batch.writeTo(this.socket)
  }

  private readonly onReady = (): void => {
    this.connected = true
    if (this.batch.bytes > 0) this.flush()
  }

  private readonly onData = (chunk: Buffer): void => {
    this.parser.push(chunk)
    this.read(() => this.parser.next())
    if (this.over) return
    if (this.isIdle) this.watch(idleMs)
    this.options.changed(this)
  }

  private readonly onDrain = (): void => this.options.changed(this)

  private readonly onEnd = (): void => {
    this.read(() => this.parser.finish())
    this.end(new ServiceError('unavailable', `${this.address} closed the connection`))
  }

  private readonly onError = (error: Error): void => {
    this.failure ??= fromNodeError(`http broker: connection to ${this.address}`, error)
  }

  private readonly onClose = (): void =>
    this.end(this.failure ?? new ServiceError('unavailable', `${this.address} closed the connection`))

  private read(next: () => HttpResponse | undefined): void {
    try {
      while (!this.over) {
        const answer = next()
        if (answer === undefined) return
        this.take(answer)
      }
    } catch (error) {
      const { detail } = ServiceError.from(error)
      this.end(
        new ServiceError('unavailable', `${this.address} answered with no HTTP: ${detail}`, { cause: error }),
      )
    }
  }

  private take(answer: HttpResponse): void {
    this.since = this.options.clock.scheduler.now()
    const post = this.posts.length > this.unsent ? this.posts.shift() : undefined
    if (post === undefined || answer.status === 101) {
      const why = `${this.address} answered ${answer.status} to nothing that was asked`
      return this.end(new ServiceError('unavailable', why), post)
    }
    this.bytes -= post.body.byteLength
    this.proven = true
    const outcome = outcomeOf(answer, post.node)
    if (!answer.last) return post.done(outcome)
    // RFC 9112 section 9.6: what follows the request that was answered so is not processed.
    this.unsent = this.posts.length
    const why = `${this.address} closed the connection after an answer`
    this.end(new ServiceError('unavailable', why), post, outcome)
  }

  /** What was not sent is told first and newest first, so that it is in its place again when somebody hears of the rest. */
  private end(error: ServiceError, current?: Post, outcome?: PostOutcome): void {
    if (this.over) return
    this.over = true
    this.timer?.unsubscribe()
    clearImmediate(this.flushing)
    this.batch.clear()
    this.socket.destroy()
    const posts = this.posts.splice(0)
    const unsent = this.connected ? posts.splice(posts.length - this.unsent) : []
    for (const post of unsent.reverse()) post.done({ kind: 'unsent', error })
    current?.done(outcome ?? unanswered(current, error))
    for (const post of posts) post.done(this.connected ? unanswered(post, error) : { kind: 'missed', error })
    this.options.changed(this)
  }

  /** Gives the connection up when nothing has moved for `limitMs`. */
  private watch(limitMs: number): void {
    const { scheduler } = this.options.clock
    this.timer?.unsubscribe()
    this.since = scheduler.now()
    const check = (): void => {
      const left = this.since + limitMs - scheduler.now()
      if (left > 0) this.timer = scheduler.schedule(check, left)
      else this.expire(limitMs)
    }
    this.timer = scheduler.schedule(check, limitMs)
  }

  private expire(limitMs: number): void {
    const late = new ServiceError('timeout', `${this.address} has not answered for ${limitMs} ms`)
    const oldest = this.connected && this.posts.length > this.unsent ? this.posts.shift() : undefined
    this.end(late, oldest, { kind: 'unanswered', error: late })
  }
}
