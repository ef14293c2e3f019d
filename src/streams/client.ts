import type { Context } from './context.js'
import type { Cardinality, EndpointDefinition, ServiceDefinition } from './endpoint.js'
import type { Source } from './exchange.js'
import type { Flow, Reply } from './flow.js'
import type { Metadata } from './message.js'
import type { PickOptions } from './selector.js'

/** What one call or stream may ask for. Everything has a default in the options of the service. */
export interface CallOptions extends PickOptions {
  /** How long all attempts together may take, in milliseconds; `Infinity`: no limit. Default: 5,000 for a call; a stream that was opened has no limit. */
  readonly timeoutMs?: number
  /** Goes along as headers, over what `context` gives. Headers of the protocol itself (`Content-Type`, `Timeout`, …) are `bad_request`. */
  readonly metadata?: Metadata
  /** Cancels the call, also an awaited one. */
  readonly signal?: AbortSignal
  /** The context of the handler that makes this call: its metadata, deadline and cancellation are passed on. */
  readonly context?: Context
  /** Further attempts after the first. Default 1. Only what is safe is tried again; see `idempotent`. */
  readonly retries?: number
  /** The call may be repeated even when the node may have done the work. Default: what the definition says, else false. */
  readonly idempotent?: boolean
  /** How the request is written, for example `application/json`. */
  readonly contentType?: string
  /** Calls `host:port` instead of choosing a node. */
  readonly address?: string
  /**
   * How go-micro nodes are spoken to: `rpc` as in 2017, `mucp` as in version 1. Default: what the metadata of the node say; without a node the option
   * `dialect` of the service. Between headrace processes on the fast lane it does not matter.
   */
  readonly dialect?: 'rpc' | 'mucp'
}

/** A client by name: endpoints by their wire names, untyped JSON unless a content type says otherwise. */
export interface UntypedClient {
  /** Calls an endpoint such as `Greeter.Hello`. Nothing is sent until the Reply is awaited or subscribed. */
  call<O = unknown>(endpoint: string, request?: unknown, options?: CallOptions): Reply<O>
  /** Opens a stream: `requests` go there as the peer asks for them, the Flow is what comes back. Nothing is sent until it is used. */
  stream<O = unknown>(endpoint: string, requests: Source<unknown>, options?: CallOptions): Flow<O>
}

/** The client's method for an endpoint. */
export type ClientMethod<I, O, C extends Cardinality> = C extends 'unary'
  ? (request: I, options?: CallOptions) => Reply<O>
  : C extends 'serverStream'
    ? (request: I, options?: CallOptions) => Flow<O>
    : C extends 'clientStream'
      ? (requests: Source<I>, options?: CallOptions) => Reply<O>
      : (requests: Source<I>, options?: CallOptions) => Flow<O>

/** A client with a method for each endpoint of a definition. */
export type ClientOf<D extends ServiceDefinition> = {
  readonly [M in keyof D]: D[M] extends EndpointDefinition<infer _I, infer O, infer C, infer SentI, infer _O>
    ? ClientMethod<SentI, O, C>
    : never
}
