import { NEVER, ReplaySubject, of, throwError } from 'rxjs'
import { json } from 'headrace/adapters/codec/json'
import { protobuf } from 'headrace/adapters/codec/protobuf'
import { createDeadlines, type ConnectionPool } from 'headrace/actors'
import {
  ServiceError,
  type Channel,
  type Link,
  type Message,
  type PickOptions,
  type ReplySink,
  type Selector,
  type ServiceNode,
} from 'headrace/streams'
import { createFormats } from '../../src/wire/formats.js'
import type { CallServices } from '../../src/actors/client/call-services.js'
import { acquireFrom } from '../../src/actors/connection-pool/acquire.js'
import { VirtualClock } from './virtual-clock.js'

/** A request that was written to a scripted link. */
export interface ScriptedRequest {
  readonly address: string
  readonly message: Message
  cancelled: boolean
  /** The node answers with a value. */
  answer(value: unknown): void
  /** The node answers with an error. */
  refuse(error: ServiceError): void
  /** The node does not answer. */
  suspect(): void
  /** The connection fails. */
  break(error: ServiceError, sent: boolean): void
}

/** A report that the selector got. */
export interface ScriptedReport {
  readonly id: string
  readonly latencyMs: number | undefined
  readonly kind: string | undefined
}

/** What a client works with, without a network: tests say which nodes there are and what becomes of each request. */
export class ScriptedCalls {
  readonly clock = new VirtualClock()
  readonly requests: ScriptedRequest[] = []
  readonly reports: ScriptedReport[] = []
  readonly picks: (PickOptions | undefined)[] = []
  /** Uses that were picked and not reported. */
  inFlight = 0
  /** Links that were taken and not settled. */
  lent = 0
  /** What connecting fails with, by address. */
  readonly unreachable = new Map<string, ServiceError>()
  /** Addresses whose connections do not come. */
  readonly hanging = new Set<string>()
  /** Opens a channel of a link. */
  openLink = (): Channel => {
    throw new Error('a scripted link has no channels')
  }
  /** Thrown by `pick`. */
  pickFailure: Error | undefined
  private lastId = -1
  private readonly closing = new ReplaySubject<never>(1)
  private readonly formats = createFormats({ json: json(), protobuf: protobuf() })

  constructor(private readonly ids: readonly string[]) {}

  get services(): CallServices & { readonly deadlines: { readonly size: number } } {
    const { clock, formats, closing } = this
    return {
      selector: this.selector,
      pool: this.pool,
      formats,
      clock,
      nextId: () => (this.lastId += 1),
      deadlines: this.deadlines,
      backoff: repetition => 100 * (repetition + 1),
      closing,
    }
  }

  readonly deadlines = createDeadlines(this.clock)

  /** The client closes. */
  close(error: ServiceError): void {
    this.closing.error(error)
  }

  private readonly selector: Selector = {
    name: 'scripted',
    pick: (_, options) => this.pick(options),
    select: (service, options) => {
      const node = this.pick(options)
      return node === undefined
        ? throwError(() => new ServiceError('not_found', `no node of ${service}`))
        : of(node)
    },
    candidates: () => NEVER,
    report: ({ id }, latencyMs, error) => {
      this.inFlight -= 1
      this.reports.push({ id, latencyMs, kind: error?.kind })
    },
    reset: () => undefined,
    close: () => Promise.resolve(),
  }

  private readonly pool: ConnectionPool = {
    ready: address =>
      this.unreachable.has(address) || this.hanging.has(address) ? undefined : this.link(address),
    acquire: (address, options) => acquireFrom(this.pool, address, options),
    enqueue: (address, { take, fail }) => {
      const error = this.unreachable.get(address)
      if (error !== undefined) fail(error)
      else if (!this.hanging.has(address)) take(this.link(address))
      return () => undefined
    },
    settled: () => void (this.lent -= 1),
    opened: () => undefined,
    retire: () => undefined,
    suspects: NEVER,
    stats: () => [],
    close: () => Promise.resolve(),
    abort: () => undefined,
  }

  private pick({ avoid = [], ...options }: PickOptions = {}): ServiceNode | undefined {
    this.picks.push({ ...options, avoid })
    if (this.pickFailure !== undefined) throw this.pickFailure
    const id = this.ids.find(id => !avoid.includes(id)) ?? this.ids[0]
    if (id === undefined) return undefined
    this.inFlight += 1
    return { id, address: `${id}:1`, service: 'greeter', version: '1', metadata: {}, endpoints: [] }
  }

  private link(address: string): Link {
    this.lent += 1
    return {
      peer: address,
      room: 1,
      request: (message, sink) => this.request(address, message, sink),
      open: () => this.openLink(),
      closed: NEVER,
      retire: () => undefined,
      abort: () => undefined,
    }
  }

  private request(address: string, message: Message, sink: ReplySink): () => void {
    const format = this.formats.get('application/json')?.rpc
    if (format === undefined) throw new Error('no json')
    const reply = (body: Uint8Array, error?: string) =>
      sink.reply(
        format.envelope.writeResponse(
          { id: 0, endpoint: '', body, ...(error === undefined ? {} : { error }) },
          { 'Content-Type': 'application/json' },
        ),
      )
    const request: ScriptedRequest = {
      address,
      message,
      cancelled: false,
      answer: value => reply(format.codec.encode(value)),
      refuse: error => reply(new Uint8Array(0), error.toWire()),
      suspect: () => sink.suspected?.(),
      break: (error, sent) => sink.fail(error, sent),
    }
    this.requests.push(request)
    return () => (request.cancelled = true)
  }
}
