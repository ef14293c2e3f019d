import type { IncomingMessage, ServerResponse } from 'node:http'
import { ServiceError } from '../../../streams/index.js'
import { brokerErrorId, decodePublication, inboxPath } from '../../../wire/broker-http.js'
import type { OpenPost, Receiver } from './receiver.js'

/** How an {@link Inbox} is made. */
export interface InboxOptions {
  readonly maxBodyBytes: number
  readonly maxHeaderBytes: number
  readonly maxPendingBytes: number
  readonly allowedOrigins: readonly string[]
  readonly fault: (error: ServiceError) => void
}

/** What a request costs besides its bytes: it bounds how many requests without a body one connection can pile up. */
const requestCost = 8 * 1_024

/**
 * Answers requests as a subscriber (PROTOCOL section 11): 200 once the message is answered, also when its handler failed or nobody
 * listens; 405, 500 and 404 with Go's texts; and, where Go has no limit: 403 for a browser, 413 for too many bytes, 503 while too
 * much is unanswered.
 */
export class Inbox {
  private readonly receivers = new Map<string, Receiver>()
  private pendingBytes = 0

  constructor(private readonly options: InboxOptions) {}

  add(id: string, receiver: Receiver): void {
    this.receivers.set(id, receiver)
  }

  remove(id: string): void {
    this.receivers.get(id)?.end()
    this.receivers.delete(id)
  }

  /** Answers one request, sooner or later. `proceed` asks the client for the body, if it waits to be asked. */
  handle(request: IncomingMessage, response: ServerResponse, proceed: () => void = () => undefined): void {
    response.on('error', () => undefined) // the publisher is gone: its message is answered all the same
    const refusal = this.refuse(request)
    if (refusal !== undefined) return answerError(response, refusal)
    const release = this.reserve(response)
    proceed()
    this.read(request, {
      taken: bytes => release.add(bytes),
      refused: error => answerError(response, { error, close: true }),
      read: body => this.dispatch(request, response, body),
    })
  }

  private refuse({ headers, method, url }: IncomingMessage): Refusal | undefined {
    const { allowedOrigins, maxPendingBytes } = this.options
    const { origin } = headers
    const foreign =
      origin === undefined ? headers['sec-fetch-site'] === 'cross-site' : !allowedOrigins.includes(origin)
    if (foreign)
      return refusal(
        'forbidden',
        `Requests of web pages are not accepted here (origin ${origin ?? 'unknown'})`,
      )
    if (targetOf(url).pathname !== inboxPath) return { text: '404 page not found\n', status: 404 }
    if (method !== 'POST')
      return { ...refusal('bad_request', 'Method not allowed'), status: 405, close: false }
    if (Number(headers['content-length'] ?? 0) > this.maxPostBytes)
      return refusal('bad_request', this.tooLarge, 413)
    if (this.pendingBytes + requestCost > maxPendingBytes)
      return refusal('unavailable', `${maxPendingBytes} bytes of messages are unanswered; try again later`)
    return undefined
  }

  private get maxPostBytes(): number {
    return Math.ceil(this.options.maxBodyBytes / 3) * 4 + this.options.maxHeaderBytes
  }

  private get tooLarge(): string {
    return `The request body is larger than ${this.maxPostBytes} bytes`
  }

  private reserve(response: ServerResponse): { add(bytes: number): void } {
    let held = requestCost
    this.pendingBytes += held
    response.once('close', () => {
      this.pendingBytes -= held
      held = 0
    })
    const add = (bytes: number) => {
      held += bytes
      this.pendingBytes += bytes
    }
    return { add }
  }

  private read(request: IncomingMessage, to: Reader): void {
    const chunks: Buffer[] = []
    let size = 0
    const refuse = (error: ServiceError, code?: number) => {
      request.off('data', take).off('end', end).resume()
      chunks.length = 0
      to.refused(
        code === undefined ? error : new ServiceError(error.kind, error.detail, { id: error.id, code }),
      )
    }
    const take = (chunk: Buffer) => {
      size += chunk.length
      to.taken(chunk.length)
      if (size > this.maxPostBytes) refuse(brokerError('bad_request', this.tooLarge), 413)
      else if (this.pendingBytes > this.options.maxPendingBytes)
        refuse(brokerError('unavailable', `${this.options.maxPendingBytes} bytes of messages are unanswered`))
      else chunks.push(chunk)
    }
    const end = () => to.read(Buffer.concat(chunks))
    request.on('data', take).on('end', end)
    request.on('error', () => undefined) // it ended before its body did: there is no message, and nobody to tell
  }

  private dispatch(request: IncomingMessage, response: ServerResponse, body: Buffer): void {
    try {
      const { topic, message } = decodePublication(body)
      const receiver = this.receivers.get(targetOf(request.url).searchParams.get('id') ?? '')
      const post: OpenPost = { message, answer: () => answerOk(response) }
      if (receiver === undefined || receiver.topic !== topic) return post.answer()
      const takeBack = receiver.accept(post)
      response.once('close', takeBack)
    } catch (error) {
      const failure = ServiceError.from(error, brokerErrorId)
      this.options.fault(failure)
      answerError(response, { error: failure })
    }
  }
}

interface Reader {
  taken(bytes: number): void
  refused(error: ServiceError): void
  read(body: Buffer): void
}

interface Refusal {
  readonly error?: ServiceError
  readonly text?: string
  /** Default: the code of the error. */
  readonly status?: number
  /** The body is not read, so the connection cannot go on. */
  readonly close?: boolean
}

function brokerError(kind: ServiceError['kind'], detail: string): ServiceError {
  return new ServiceError(kind, detail, { id: brokerErrorId })
}

function refusal(kind: ServiceError['kind'], detail: string, code?: number): Refusal {
  const init = { id: brokerErrorId, ...(code === undefined ? {} : { code }) }
  return { error: new ServiceError(kind, detail, init), close: true }
}

function targetOf(url: string | undefined): URL {
  try {
    return new URL(url ?? '/', 'http://inbox')
  } catch {
    return new URL('http://inbox/') // no path that anything is at
  }
}

function answerOk(response: ServerResponse): void {
  if (response.headersSent || response.destroyed) return
  leaveOut(response)
  response.writeHead(200, { 'Content-Length': 0 }).end()
}

/** HTTP/1.1 keeps a connection without being told, and Go does not say it. */
function leaveOut(response: ServerResponse): void {
  if (response.shouldKeepAlive) response.removeHeader('Connection')
}

function answerError(response: ServerResponse, { error, text, status, close }: Refusal): void {
  if (response.headersSent || response.destroyed) return
  const code = status ?? error?.code ?? 500
  // Go writes 404 and 405 with http.Error, which adds a line end and a header, and the others by hand.
  const plain = code === 404 || code === 405
  const body = text ?? `${error?.toWire() ?? ''}${code === 405 ? '\n' : ''}`
  leaveOut(response)
  response.writeHead(code, {
    'Content-Type': 'text/plain; charset=utf-8',
    'Content-Length': Buffer.byteLength(body),
    ...(plain ? { 'X-Content-Type-Options': 'nosniff' } : {}),
    ...(close === true ? { Connection: 'close' } : {}),
  })
  response.end(body)
}
