import type { TypeRef } from './endpoint.js'
import type { ServiceError } from './errors.js'
import type { Message } from './message.js'

/** Turns values into bodies and back. Synchronous. */
export interface Codec {
  /** The word for errors and documentation, for example `json`. */
  readonly name: string
  /** Throws `bad_request` that names the field for a value it cannot write, or when it needs a type and gets none. */
  encode(value: unknown, type?: TypeRef): Uint8Array
  /** Throws `bad_request` for bytes that are damaged or do not fit the type, and never anything else. The result may share memory with `body`. */
  decode(body: Uint8Array, type?: TypeRef): unknown
}

/** A call's id as the peer wrote it: an answer carries the same one, its type kept. */
export type FrameId = number | bigint | string | null

/** What keeps the calls on one connection apart in the dialect of go-micro's version 1: texts that an answer repeats. */
export interface CallMarks {
  /** `Micro-Id`. */
  readonly id: string | undefined
  /** `Micro-Stream`: the message is one of this stream. */
  readonly stream: string | undefined
}

/** A request, or one item of a client's stream, taken out of its message. */
export interface RequestFrame {
  readonly id: FrameId
  /** For example `Greeter.Hello`. */
  readonly endpoint: string
  /** The registry name of the service that is called, for dialects that have a place for it. */
  readonly service?: string
  readonly marks?: CallMarks
  /** The caller ends its requests: `EOS`, or with an error. There is no body. */
  readonly error?: string
  /** Of no bytes: the zero value of the request's type. */
  readonly body: Uint8Array
  /** Set by a reader: the id and the endpoint are there, the body is not. Answer this `bad_request` instead of calling a handler. */
  readonly fault?: ServiceError
}

/** An answer, one item of a server's stream, or its end. */
export interface ResponseFrame {
  readonly id: FrameId
  readonly endpoint: string
  /** The error text; `EOS` ends a stream. `undefined`: no error. */
  readonly error?: string
  /** The error text is that of a JSON object, which an envelope of JSON holds as it is and not as a string: ja-micro reads it so. @default false */
  readonly errorIsJson?: boolean
  readonly marks?: CallMarks | undefined
  readonly body: Uint8Array
}

/** The error text that ends a stream in good order (PROTOCOL section 2.7). */
export const endOfStream = 'EOS'

/**
 * Where a dialect keeps the endpoint, the id and the error of a call: inside the body (json-rpc, proto-rpc) or in headers (bare).
 * Pure. `read…` throws `bad_request` for anything it cannot read, and never anything else.
 */
export interface Envelope {
  /** The word for errors and documentation, for example `json-rpc`. */
  readonly name: string
  readRequest(message: Message): RequestFrame
  /** `headers` go along. They are the envelope's from then on: it may add to them. */
  writeRequest(frame: RequestFrame, headers: Record<string, string>): Message
  readResponse(message: Message): ResponseFrame
  writeResponse(frame: ResponseFrame, headers: Record<string, string>): Message
}

/**
 * How a call is put into messages. `rpc`: as go-micro did in 2017. `mucp`: as it did in version 1. `bare`: between headrace processes,
 * the body alone and the endpoint in a header.
 */
export type Dialect = 'rpc' | 'mucp' | 'bare'

/** The header that holds the endpoint in the bare dialect. No HTTP peer can send a header of such a name. */
export const endpointKey = ':endpoint'

/** How messages of one Content-Type are read and written in one dialect. */
export interface Format {
  readonly contentType: string
  readonly dialect: Dialect
  readonly envelope: Envelope
  readonly codec: Codec
}

/** The formats of one Content-Type in each dialect. They share a codec, so a body that is encoded once fits all of them. */
export type FormatsByDialect = Readonly<Record<Dialect, Format>>

/** The formats by the exact text of the Content-Type. */
export type Formats = ReadonlyMap<string, FormatsByDialect>
