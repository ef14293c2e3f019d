import type { JsonOptions } from '../adapters/codec/json.js'
import { systemClock, type Clock } from '../streams/clock.js'
import { ServiceError } from '../streams/errors.js'
import type { Middleware } from '../streams/exchange.js'
import { count, given, milliseconds, resolveOptions, text } from '../streams/options.js'
import type { WebSocketLike } from './web-socket-pipe.js'

/** Options of `createBrowserClient`. */
export interface BrowserClientOptions {
  /** The service to connect to, `wss://host:port`, or `ws://` where the page itself came without TLS. It must allow the origin of the page. */
  readonly url: string
  /** By which name services see the page. @default 'browser' */
  readonly name?: string
  /** How long a call may take with all its attempts, in milliseconds. @default 5000 */
  readonly timeoutMs?: number
  /** Further attempts after the first, where trying again is safe. @default 5 */
  readonly retries?: number
  /** How long a dial may take, in milliseconds. @default 5000 */
  readonly dialTimeoutMs?: number
  /** The longest wait before the connection is tried again, in milliseconds: it is random, from 100 ms doubled with each failure. @default 5000 */
  readonly maxBackoffMs?: number
  /** Around calls and streams. In the list the first is the outermost. @default none */
  readonly middleware?: readonly Middleware[]
  /** How JSON without a type is read. @default no bigint, at most 128 levels */
  readonly json?: JsonOptions
  /** Makes a WebSocket. @default the browser's */
  readonly webSocket?: (url: string, protocol: string) => WebSocketLike
  /** @default the machine's clock */
  readonly clock?: Clock
}

/** The options with every default filled in. Throws `bad_request` that names the field. */
export function resolveBrowserClientOptions(options: BrowserClientOptions): Required<BrowserClientOptions> {
  const resolved = resolveOptions<Required<BrowserClientOptions>>('browser client', options, {
    url: { fallback: '', check: value => (isUrl(value) ? undefined : expected) },
    name: text('browser'),
    timeoutMs: milliseconds(5_000, 1),
    retries: count(5, 0),
    dialTimeoutMs: milliseconds(5_000, 1),
    maxBackoffMs: milliseconds(5_000),
    middleware: given<readonly Middleware[]>([]),
    json: given<JsonOptions>({}),
    webSocket: given(browserWebSocket),
    clock: given(systemClock),
  })
  if (resolved.url === '')
    throw new ServiceError('bad_request', `browser client: option 'url' is ${expected}`)
  return resolved
}

const expected = 'a URL such as wss://shop.example:8080'

function isUrl(value: unknown): boolean {
  return typeof value === 'string' && /^wss?:\/\/./.test(value) && URL.canParse(value)
}

/** The WebSocket of the platform, of which the types of Node 20 know nothing. */
function browserWebSocket(url: string, protocol: string): WebSocketLike {
  const { WebSocket } = globalThis as {
    readonly WebSocket?: new (url: string, protocol: string) => WebSocketLike
  }
  if (WebSocket !== undefined) return new WebSocket(url, protocol)
  throw new ServiceError('unimplemented', 'there is no WebSocket here; give one as the option webSocket')
}
