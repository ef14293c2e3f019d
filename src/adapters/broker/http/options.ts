import { networkInterfaces } from 'node:os'
import type { SecureContextOptions } from 'node:tls'
import {
  ServiceError,
  count,
  flag,
  given,
  milliseconds,
  resolveOptions,
  systemClock,
  text,
  type Clock,
  type OptionRules,
  type Registry,
} from '../../../streams/index.js'
import { originList } from '../../origins.js'

/**
 * TLS for both sides: what `node:tls` takes for certificates and keys (`cert`, `key`, `ca`, `passphrase` …), and two more. Subscribers
 * are verified: their certificate against `ca` (default: the certificate authorities that Node knows) and their host.
 */
export interface BrokerTlsOptions extends SecureContextOptions {
  /** Publishers that show no certificate signed by `ca` are refused (mutual TLS). @default false */
  readonly requireClientCertificate?: boolean
  /** Accepts any certificate of any subscriber. Whoever is on the way can then read and change everything. @default false */
  readonly insecureSkipVerify?: boolean
}

/** Options of {@link http}. All but `registry` have a default. */
export interface HttpBrokerOptions {
  /** Where subscriptions are registered and found. It stays the caller's: closing the broker leaves it open. */
  readonly registry: Registry
  /** Where deliveries are accepted: `host:port`, port 0 for any free one, `host:5000-6000` for the first free one. @default ':0' */
  readonly address?: string
  /** The host, or `host:port`, under which subscriptions are registered. @default the bound address; see `advertisedAddress` */
  readonly advertise?: string
  /** Accepts deliveries by https only, and holds what https to others needs. @default none: http */
  readonly tls?: BrokerTlsOptions
  /** The first part of the node ids of subscriptions. @default 'broker-' and a UUID */
  readonly id?: string
  /** How many deliveries of one subscription may be unanswered. @default 1_024 */
  readonly window?: number
  /** How many messages may wait here for one subscriber or queue. @default 1_024 */
  readonly queueSize?: number
  /**
   * Offers the fast lane to publishers, and uses it to subscribers that offer it (docs/fast-lane.md): at the same port, for messages and published streams. Others are
   * posted to, and post. @default true
   */
  readonly fastLane?: boolean
  /**
   * How many messages to one subscription may be unanswered. They go over one connection one behind the other, so their order is kept. A
   * message that was sent is not taken back when its time is up: 1 sends each only when the one before was handled. In a published stream
   * the subscriber's `window` takes its place on the fast lane. @default 64
   */
  readonly pipelining?: number
  /** Their bytes together; one message may be larger. @default 262_144 */
  readonly pipelinedBytes?: number
  /** How long a publish waits for subscribers that are behind, unless it says so itself. @default 5_000 */
  readonly publishTimeoutMs?: number
  /** When a subscriber that answers none of its POSTs is given up: the connection is dropped and the next message sent over another. @default 120_000 */
  readonly answerTimeoutMs?: number
  /** How long the subscribers of a topic stay known after the last publish to it. @default 60_000 */
  readonly idleTimeoutMs?: number
  /** How long a subscription stays in the registry if this process dies. @default 60_000 */
  readonly ttlMs?: number
  /** How often it is registered again; 0: never. @default 30_000 */
  readonly registerIntervalMs?: number
  /** The largest body of a message, sent or accepted. @default 4_194_304 */
  readonly maxBodyBytes?: number
  /** The largest head of a request, and the most that the headers of a message may add to its body. @default 65_536 */
  readonly maxHeaderBytes?: number
  /** The connections that the listener holds; one more is closed at once. @default 1_024 */
  readonly maxConnections?: number
  /**
   * The bytes of all deliveries that are being received or not yet answered; one more is refused with 503. From a connection with
   * unanswered ones of a sixteenth of it nothing is read. @default 67_108_864
   */
  readonly maxPendingBytes?: number
  /** How long a publisher may take to send a request. @default 30_000 */
  readonly requestTimeoutMs?: number
  /** The `Origin` values of web pages that may post here. @default none: all browsers are refused */
  readonly allowedOrigins?: readonly string[]
  /** The topics that those pages may post to. @default none */
  readonly pageTopics?: readonly string[]
  /** Gives the addresses of this machine. @default `os.networkInterfaces` */
  readonly interfaces?: typeof networkInterfaces
  /** Where time and chance come from. @default the machine's clock */
  readonly clock?: Clock
}

/** The options with every default filled in. */
export type ResolvedBrokerOptions = Required<Omit<HttpBrokerOptions, 'advertise' | 'tls'>> &
  Pick<{ [K in keyof HttpBrokerOptions]-?: HttpBrokerOptions[K] | undefined }, 'advertise' | 'tls'>

const rules = (id: string, registry: Registry): OptionRules<ResolvedBrokerOptions> => ({
  registry: given(registry),
  address: text(':0'),
  advertise: given<string | undefined>(undefined),
  tls: given<BrokerTlsOptions | undefined>(undefined),
  id: text(id),
  window: count(1_024),
  queueSize: count(1_024),
  fastLane: flag(true),
  pipelining: count(64),
  pipelinedBytes: count(256 * 1_024),
  publishTimeoutMs: milliseconds(5_000),
  answerTimeoutMs: milliseconds(120_000, 1),
  idleTimeoutMs: milliseconds(60_000, 1),
  ttlMs: milliseconds(60_000, 1),
  registerIntervalMs: milliseconds(30_000),
  maxBodyBytes: count(4 * 1_024 * 1_024),
  maxHeaderBytes: count(64 * 1_024, 1_024),
  maxConnections: count(1_024),
  maxPendingBytes: count(64 * 1_024 * 1_024),
  requestTimeoutMs: milliseconds(30_000, 1),
  allowedOrigins: originList(),
  pageTopics: { fallback: [], check: value => (isTopicList(value) ? undefined : 'a list of topics') },
  interfaces: given(networkInterfaces),
  clock: given(systemClock),
})

function isTopicList(value: unknown): boolean {
  return Array.isArray(value) && value.every(topic => typeof topic === 'string' && topic !== '')
}

/** Fills in the defaults; `id` is what the subscriptions are named after otherwise. Throws `bad_request` that names the field. */
export function resolveBrokerOptions(options: HttpBrokerOptions, id: string): ResolvedBrokerOptions {
  if (options?.registry === undefined)
    throw new ServiceError(
      'bad_request',
      "http broker: option 'registry' is missing; subscribers are found through it",
    )
  return resolveOptions('http broker', options, rules(id, options.registry))
}
