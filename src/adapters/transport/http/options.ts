import type { Duplex } from 'node:stream'
import type { SecureContextOptions } from 'node:tls'
import {
  count,
  flag,
  given,
  milliseconds,
  resolveOptions,
  systemClock,
  text,
  type Clock,
  type OptionRules,
} from '../../../streams/index.js'
import { originList } from '../../origins.js'
import type { HttpRequest } from '../../../wire/http1.js'

/**
 * TLS for both sides: what `node:tls` takes for certificates and keys (`cert`, `key`, `ca`, `passphrase`, `minVersion` …), and three more.
 * Peers are verified: a server's certificate against `ca` (default: the certificate authorities that Node knows) and its name.
 */
export interface HttpTlsOptions extends SecureContextOptions {
  /**
   * A listener refuses clients that show no certificate signed by `ca` (mutual TLS).
   * @default false
   */
  readonly requireClientCertificate?: boolean
  /**
   * The name that a server's certificate must carry.
   * @default the host that is dialled
   */
  readonly serverName?: string
  /**
   * Accepts any certificate of any server. Whoever is on the way can then read and change everything.
   * @default false
   */
  readonly insecureSkipVerify?: boolean
}

/**
 * Takes over a connection whose first request asked for another protocol. The socket is the callee's from then on: it answers the
 * request, handles errors, and closes. `rest` is what was read behind the request.
 */
export type Upgrade = (socket: Duplex, request: HttpRequest, rest: Uint8Array) => void

/** The options of `http()`. */
export interface HttpTransportOptions {
  /**
   * TLS on every connection, with `{}` for the defaults of Node.
   * @default none: plain TCP
   */
  readonly tls?: HttpTlsOptions
  /**
   * How long a dial may take, TLS handshake included.
   * @default 5000
   */
  readonly dialTimeoutMs?: number
  /**
   * Connections that one listener holds at once; one more is closed at once.
   * @default 10000
   */
  readonly maxConnections?: number
  /**
   * The largest head of a message.
   * @default 65536
   */
  readonly maxHeaderBytes?: number
  /**
   * The largest body of a message.
   * @default 16777216
   */
  readonly maxBodyBytes?: number
  /**
   * After how long a listener closes a connection on which no message is unanswered and no byte moves.
   * @default 120000
   */
  readonly idleTimeoutMs?: number
  /**
   * How long the head of a request may take from its first byte to its last.
   * @default 10000
   */
  readonly headerTimeoutMs?: number
  /**
   * How long a connection stays that was ended here but not by the peer.
   * @default 2000
   */
  readonly lingerMs?: number
  /**
   * After which silence TCP asks whether the peer is still there.
   * @default 30000
   */
  readonly keepAliveMs?: number
  /**
   * How many messages of a channel are read ahead: handed over or waiting, and not answered. The socket is paused beyond it.
   * @default 1024
   */
  readonly windowMessages?: number
  /**
   * How many bytes of bodies are read ahead, and how many may wait to be written before the sender must wait.
   * @default 262144
   */
  readonly windowBytes?: number
  /**
   * Offers the fast lane to other headrace processes, and uses it where a node offers it (docs/fast-lane.md): many calls and streams on one
   * connection, at the same port.
   * @default true
   */
  readonly fastLane?: boolean
  /**
   * Calls and streams that one peer may have open at once on a connection of the fast lane.
   * @default 16384
   */
  readonly maxStreams?: number
  /**
   * Calls and streams that one peer may open and reset within a second on a connection of the fast lane; one more ends the connection.
   * @default 16384
   */
  readonly maxResetsPerSecond?: number
  /**
   * Messages of all calls and streams of a connection of the fast lane that a peer may send before they are consumed here.
   * @default 262144
   */
  readonly connectionWindowMessages?: number
  /**
   * Bytes of all calls and streams of a connection of the fast lane that a peer may send before they are consumed here.
   * @default 67108864
   */
  readonly connectionWindowBytes?: number
  /**
   * Bytes of requests of calls without an answer on a connection of the fast lane; a call beyond it is refused, and not run.
   * @default 67108864
   */
  readonly maxCallBytes?: number
  /**
   * Answers to control frames of the fast lane that may wait for a peer that does not read; one more ends the connection.
   * @default 1024
   */
  readonly maxControlFrames?: number
  /**
   * After which silence on the fast lane the peer is asked whether it is there while a call or a stream is open.
   * @default 1000
   */
  readonly pingAfterMs?: number
  /**
   * After which silence it is asked when none is open.
   * @default 15000
   */
  readonly idlePingAfterMs?: number
  /**
   * How long it may take to answer before it is suspect: it is not chosen for anything new, idempotent calls move to another node, everything else waits. It
   * is back at once when it is heard of again.
   * @default 1500
   */
  readonly suspectAfterMs?: number
  /**
   * How long it may take to answer before the connection is given up: what is under way fails with `unavailable`.
   * @default 10000
   */
  readonly deadAfterMs?: number
  /**
   * The origins of web pages that may connect, such as `https://shop.example`. They reach the fast lane by a WebSocket on the same port, and nothing else: any
   * other request of a page is refused with 403 before its body is read. With an empty list no page gets anything.
   * @default none
   */
  readonly allowedOrigins?: readonly string[]
  /**
   * The `User-Agent` of requests.
   * @default 'headrace'
   */
  readonly userAgent?: string
  /**
   * By the token of the `Upgrade` header, in lower case: who takes the connection over. A request for another token is answered as any other.
   * @default none
   */
  readonly upgrades?: Readonly<Record<string, Upgrade>>
  /**
   * Where time comes from.
   * @default the clock of the machine
   */
  readonly clock?: Clock
}

/** The options with every default filled in. */
export type ResolvedHttpOptions = Required<Omit<HttpTransportOptions, 'tls'>> & {
  readonly tls: HttpTlsOptions | undefined
}

const rules: OptionRules<ResolvedHttpOptions> = {
  tls: given<HttpTlsOptions | undefined>(undefined),
  dialTimeoutMs: milliseconds(5000, 1),
  maxConnections: count(10_000),
  maxHeaderBytes: count(64 * 1024, 128),
  maxBodyBytes: count(16 * 1024 * 1024),
  idleTimeoutMs: milliseconds(120_000, 1),
  headerTimeoutMs: milliseconds(10_000, 1),
  lingerMs: milliseconds(2000),
  keepAliveMs: milliseconds(30_000, 1),
  windowMessages: count(1024),
  windowBytes: count(256 * 1024),
  fastLane: flag(true),
  maxStreams: count(16_384),
  maxResetsPerSecond: count(16_384),
  connectionWindowMessages: count(256 * 1024),
  connectionWindowBytes: count(64 * 1024 * 1024),
  maxCallBytes: count(64 * 1024 * 1024),
  maxControlFrames: count(1024),
  pingAfterMs: milliseconds(1000, 1),
  idlePingAfterMs: milliseconds(15_000, 1),
  suspectAfterMs: milliseconds(1500, 1),
  deadAfterMs: milliseconds(10_000, 1),
  allowedOrigins: originList(),
  userAgent: text('headrace'),
  upgrades: given<Readonly<Record<string, Upgrade>>>({}),
  clock: given<Clock>(systemClock),
}

/** Fills in the defaults. Throws `bad_request` that names the field. */
export function resolveHttpOptions(options: HttpTransportOptions | undefined): ResolvedHttpOptions {
  return resolveOptions('http transport', options, rules)
}
