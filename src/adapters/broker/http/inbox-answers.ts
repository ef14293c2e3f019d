import type { ServerResponse } from 'node:http'
import { ServiceError } from '../../../streams/index.js'
import { brokerErrorId } from '../../../wire/broker-http.js'

/** What a request is answered that is not taken. */
export interface Refusal {
  readonly error?: ServiceError
  readonly text?: string
  /** Default: the code of the error. */
  readonly status?: number
  /** The body is not read, so the connection cannot go on. */
  readonly close?: boolean
}

/** An error of the inbox, with the id that Go gives it. */
export function brokerError(kind: ServiceError['kind'], detail: string, code?: number): ServiceError {
  return new ServiceError(kind, detail, { id: brokerErrorId, ...(code === undefined ? {} : { code }) })
}

/** A refusal of a request whose body is not read. */
export function refusal(kind: ServiceError['kind'], detail: string, code?: number): Refusal {
  return { error: brokerError(kind, detail, code), close: true }
}

/** Answers 200 without a body. Of several answers the first counts. */
export function answerOk(response: ServerResponse): void {
  if (response.headersSent || response.destroyed) return
  leaveOut(response)
  response.writeHead(200, { 'Content-Length': 0 }).end()
}

/** Answers with an error and Go's text for it. Of several answers the first counts. */
export function answerError(response: ServerResponse, { error, text, status, close }: Refusal): void {
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

/** HTTP/1.1 keeps a connection without being told, and Go does not say it. */
function leaveOut(response: ServerResponse): void {
  if (response.shouldKeepAlive) response.removeHeader('Connection')
}
