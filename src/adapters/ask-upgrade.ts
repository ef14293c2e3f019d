import type { Socket } from 'node:net'
import { Observable } from 'rxjs'
import { ServiceError, type Clock } from '../streams/index.js'
import { fastLaneToken } from './fast-lane.js'

/** What became of the question: the bytes behind the answer, or why the peer stays with HTTP. */
export type UpgradeAnswer = { readonly rest: Uint8Array } | { readonly refused: string }

/** How a peer is asked. */
export interface UpgradeOptions {
  /** The `User-Agent` of the request. */
  readonly userAgent: string
  /** How long it may take to answer. */
  readonly dialTimeoutMs: number
  readonly clock: Clock
}

/** The longest head of an answer, in bytes. */
const maxHead = 16 * 1024

/**
 * Asks the peer of a new connection to change to the fast lane. Cold. Emits the answer and completes; after a refusal the connection is of no
 * use. Errors `timeout`. Unsubscribing before the value destroys the socket.
 */
export function askUpgrade(
  socket: Socket,
  address: string,
  { userAgent, dialTimeoutMs, clock }: UpgradeOptions,
): Observable<UpgradeAnswer> {
  return new Observable(subscriber => {
    let head = Buffer.alloc(0)
    let settled = false
    const settle = (answer: UpgradeAnswer) => {
      settled = true
      release()
      if ('refused' in answer) socket.destroy()
      subscriber.next(answer)
      subscriber.complete()
    }
    const onData = (chunk: Buffer) => {
      head = Buffer.concat([head, chunk])
      const end = head.indexOf('\r\n\r\n')
      if (end >= 0) return settle(answerOf(head, end))
      if (head.length > maxHead) settle({ refused: `an answer without an end` })
    }
    const onGone = () => settle({ refused: 'the connection was closed' })
    const late = () =>
      subscriber.error(
        new ServiceError('timeout', `dial ${address}: no answer to the upgrade within ${dialTimeoutMs} ms`),
      )
    const timer = clock.scheduler.schedule(late, dialTimeoutMs)
    const release = () => {
      timer.unsubscribe()
      socket.off('data', onData).off('close', onGone).off('end', onGone).off('error', onGone)
    }
    socket.on('data', onData).on('close', onGone).on('end', onGone).on('error', onGone)
    socket.write(
      `GET / HTTP/1.1\r\nHost: ${address}\r\nUser-Agent: ${userAgent}\r\nConnection: Upgrade\r\nUpgrade: ${fastLaneToken}\r\n\r\n`,
    )
    return () => {
      release()
      if (!settled) socket.destroy()
    }
  })
}

function answerOf(head: Buffer, end: number): UpgradeAnswer {
  const [status = '', ...lines] = head.toString('latin1', 0, end).split('\r\n')
  const upgrade = lines.find(line => /^upgrade:/i.test(line))
  const agreed = upgrade?.slice('upgrade:'.length).trim().toLowerCase() === fastLaneToken
  if (/^HTTP\/1\.1 101\b/.test(status) && agreed) return { rest: head.subarray(end + 4) }
  return { refused: status.slice(0, 80) }
}
