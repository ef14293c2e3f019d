import { EventEmitter } from 'node:events'
import type { IncomingMessage } from 'node:http'
import type Consul from 'consul'
import { Observable, timeout, throwError, type Subscriber } from 'rxjs'
import { ServiceError, parseAddress } from '../../../streams/index.js'
import { agentError } from './agent-error.js'
import { AgentSocket } from './agent-socket.js'
import type { ConsulLibrary } from './library.js'
import type { ResolvedConsulOptions } from './options.js'

/** What an agent answered. */
export interface AgentAnswer {
  readonly body: unknown
  /** The state of the cluster that the answer shows, for the next blocking query; `undefined` where the agent said none. */
  readonly index: bigint | undefined
  /** The agent that answered. */
  readonly address: string
}

/** The options that go with every call of the library. */
export interface CallOptions {
  readonly ctx: EventEmitter
  readonly token?: string
}

/** One call of the library, which sends one request. */
export type Call = (client: Consul, options: CallOptions) => Promise<unknown>

/** What a request is, apart from the agent it goes to. */
export interface AgentRequest {
  /** What is tried, for errors: `look up greeter`. */
  readonly what: string
  readonly call: Call
  /** How long the answer may take, in milliseconds. */
  readonly timeoutMs: number
}

/** What the last bytes of an answer may take from the closed socket to the reader. */
const readingMs = 50

/**
 * Sends a request to the agent at `address`. Cold; emits the answer and completes. Errors as {@link agentError} says, and `unavailable` when the answer does
 * not come in time. Unsubscribing closes the connection.
 */
export function sendRequest(
  library: ConsulLibrary,
  options: ResolvedConsulOptions,
  address: string,
  { what, call, timeoutMs }: AgentRequest,
): Observable<AgentAnswer> {
  const { scheduler } = options.clock
  const place = `consul registry: ${what} at ${address}`
  const fail = (text: string) => new ServiceError('unavailable', `${place}: ${text}`)
  return new Observable<AgentAnswer>(subscriber => {
    const brokenOff = () =>
      subscriber.add(
        scheduler.schedule(() => subscriber.error(fail('the agent closed the connection')), readingMs),
      )
    const agent = new AgentSocket({ ...options, address, onClosed: brokenOff })
    const ctx = Object.assign(new EventEmitter(), { includeResponse: true })
    subscriber.add(() => {
      ctx.emit('cancel')
      agent.destroy()
    })
    const { host, port } = parseAddress(address)
    const client = new library({ host: host.includes(':') ? `[${host}]` : host, port, agent })
    const { token } = options
    deliver(call(client, { ctx, ...(token === undefined ? {} : { token }) }), subscriber, place, address)
  }).pipe(
    timeout({
      first: timeoutMs,
      scheduler,
      with: () => throwError(() => fail(`no answer within ${timeoutMs} ms`)),
    }),
  )
}

function deliver(
  calling: Promise<unknown>,
  subscriber: Subscriber<AgentAnswer>,
  place: string,
  address: string,
): void {
  calling.then(
    result => {
      const [response, body] = result as [IncomingMessage, unknown]
      subscriber.next({ body, index: indexOf(response), address })
      subscriber.complete()
    },
    (failure: unknown) => subscriber.error(agentError(place, failure)),
  )
}

/** Consul's own libraries take anything below 1 for none. */
function indexOf({ headers }: IncomingMessage): bigint | undefined {
  const text = headers['x-consul-index']
  if (typeof text !== 'string' || !/^\d{1,20}$/.test(text)) return undefined
  const index = BigInt(text)
  return index > 0n ? index : undefined
}
