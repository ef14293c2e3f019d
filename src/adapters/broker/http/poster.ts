import { Agent, type ClientRequest, type IncomingMessage, request } from 'node:http'
import { Agent as SecureAgent, request as secureRequest } from 'node:https'
import {
  ServiceError,
  formatAddress,
  parseAddress,
  type Clock,
  type NodeRecord,
} from '../../../streams/index.js'
import { inboxPath } from '../../../wire/broker-http.js'
import { fromNodeError } from '../../node-error.js'
import type { BrokerTlsOptions } from './options.js'

/** What a {@link Poster} needs. */
export interface PosterOptions {
  readonly tls: BrokerTlsOptions | undefined
  readonly answerTimeoutMs: number
  readonly clock: Clock
}

/** Called once. `sent` is false only when the subscriber certainly did not see the message. */
export type Posted = (error: ServiceError | undefined, sent: boolean) => void

/** Less than the 120 s after which a subscriber of ours closes an idle connection. */
const idleMs = 45_000
const keepAliveProbeMs = 30_000
/** Answers have no content that matters; more than this of an error's text is not read. */
const maxAnswerBytes = 64 * 1_024

/** Posts messages to subscribers (PROTOCOL section 11) over connections that it keeps. */
export class Poster {
  private readonly plain = new Agent({ keepAlive: true, keepAliveMsecs: keepAliveProbeMs, timeout: idleMs })
  private readonly secure: SecureAgent

  constructor(private readonly options: PosterOptions) {
    const { requireClientCertificate: _, insecureSkipVerify, ...context } = options.tls ?? {}
    this.secure = new SecureAgent({
      ...context,
      keepAlive: true,
      keepAliveMsecs: keepAliveProbeMs,
      timeout: idleMs,
      rejectUnauthorized: insecureSkipVerify !== true,
    })
  }

  /** Posts one message to a node. */
  post(node: NodeRecord, body: Uint8Array, posted: Posted): void {
    try {
      const sending = this.open(node, body.length)
      follow(sending, node, posted, this.options)
      sending.end(body)
    } catch (error) {
      posted(fromNodeError(`http broker: cannot post to '${node.id}'`, error), false)
    }
  }

  /** Closes all connections; what is under way fails. */
  close(): void {
    this.plain.destroy()
    this.secure.destroy()
  }

  private open({ id, address, metadata }: NodeRecord, length: number): ClientRequest {
    const { host, port } = parseAddress(address)
    const headers = {
      Host: formatAddress(host, port),
      'User-Agent': 'headrace',
      'Content-Length': length,
      'Content-Type': 'application/json',
    }
    const target = { host, port, method: 'POST', path: `${inboxPath}?id=${encodeURIComponent(id)}`, headers }
    const sending =
      metadata['secure'] === 'true'
        ? secureRequest({ ...target, agent: this.secure })
        : request({ ...target, agent: this.plain })
    sending.removeHeader('Connection') // HTTP/1.1 keeps it open without being told
    return sending
  }
}

function follow(sending: ClientRequest, node: NodeRecord, posted: Posted, options: PosterOptions): void {
  const { answerTimeoutMs, clock } = options
  let sent = false
  let open = true
  const finish = (error?: ServiceError) => {
    if (!open) return
    open = false
    limit.unsubscribe()
    posted(error, sent)
  }
  const fail = (error: unknown) =>
    finish(fromNodeError(`http broker: cannot post to '${node.id}' at ${node.address}`, error))
  const limit = clock.scheduler.schedule(() => {
    const late = new ServiceError(
      'timeout',
      `'${node.id}' at ${node.address} has not answered for ${answerTimeoutMs} ms`,
    )
    finish(late)
    sending.destroy()
  }, answerTimeoutMs)
  sending.on('socket', socket => {
    const connected = node.metadata['secure'] === 'true' ? 'secureConnect' : 'connect'
    if (sending.reusedSocket) sent = true
    else socket.once(connected, () => (sent = true))
  })
  sending.on('error', fail)
  let answered: (() => void) | undefined
  sending.on('response', answer => readAnswer(answer, node, error => (answered = () => finish(error)), fail))
  sending.on('close', () => {
    if (answered === undefined) fail(noAnswer(node))
    else queueMicrotask(answered) // Node frees the connection for the next message right after 'close'
  })
}

function noAnswer({ id }: NodeRecord): ServiceError {
  return new ServiceError('unavailable', `'${id}' closed the connection without an answer`)
}

function readAnswer(
  answer: IncomingMessage,
  node: NodeRecord,
  answered: (error?: ServiceError) => void,
  fail: (error: unknown) => void,
): void {
  const chunks: Buffer[] = []
  let size = 0
  answer.on('data', (chunk: Buffer) => {
    size += chunk.length
    if (size <= maxAnswerBytes) chunks.push(chunk)
    else
      answer.destroy(
        new ServiceError('bad_request', `'${node.id}' answered with more than ${maxAnswerBytes} bytes`),
      )
  })
  answer.on('error', fail)
  answer.on('end', () => {
    const { statusCode = 0 } = answer
    if (statusCode >= 200 && statusCode < 300) return answered()
    const cause = ServiceError.fromWire(Buffer.concat(chunks).toString().trim())
    const why = `'${node.id}' at ${node.address} refused the message with ${statusCode}: ${cause.detail}`
    answered(new ServiceError(statusCode === 503 ? 'resource_exhausted' : 'unavailable', why, { cause }))
  })
}
