import type { Socket } from 'node:net'
import { Observable, Subscription, defer, lastValueFrom, switchMap } from 'rxjs'
import {
  ServiceError,
  parseAddress,
  type Link,
  type NodeRecord,
  type SharedStats,
} from '../../../streams/index.js'
import { sharedStatsOf } from '../../../streams/shared-stats.js'
import { askUpgrade } from '../../ask-upgrade.js'
import { fastLaneOffer, sharedWires } from '../../fast-lane.js'
import { MuxEnds } from '../../mux/mux-ends.js'
import { fromNodeError } from '../../node-error.js'
import { RefusedUpgrades } from '../../refused-upgrades.js'
import { SocketPipe } from '../../socket-pipe.js'
import type { BrokerTlsOptions, ResolvedBrokerOptions } from './options.js'
import { dialSubscriber } from './post-socket.js'
import { sendingLimits, sharedTimes } from './shared-limits.js'

/** Who wants a link: one of the two is called, once. */
export interface LinkUser {
  ready(link: Link): void
  /** `refused`: the node does not change to the fast lane after all, and is posted to from now on. */
  failed(error: ServiceError, refused: boolean): void
}

/** What {@link DeliveryLinks} need. */
export interface DeliveryLinksOptions extends ResolvedBrokerOptions {
  readonly fault: (error: ServiceError) => void
  readonly notice: (text: string) => void
}

interface Place {
  /** The same for nodes that share a connection. */
  readonly key: string
  /** Whether it says that it speaks the fast lane. */
  readonly offers: boolean
}

const { dialTimeoutMs } = sharedTimes

/** How long a connection that nobody uses is kept. */
const idleMs = 45_000

/** The connections of a publisher to subscribers on the fast lane: one for each address, for whatever is sent there. */
export class DeliveryLinks {
  readonly pipelining: number
  readonly pipelinedBytes: number
  private readonly ends: MuxEnds
  private readonly refusals: RefusedUpgrades
  private readonly links = new Map<string, DeliveryLink>()
  /** What is asked of a node for each message, found out once. */
  private readonly places = new WeakMap<NodeRecord, Place>()
  /** Those that are made and not closed, also when they take nothing more. */
  private readonly open = new Set<Link>()
  private closed: ServiceError | undefined

  constructor(private readonly options: DeliveryLinksOptions) {
    const { pipelining, pipelinedBytes, clock, fault } = options
    this.pipelining = pipelining
    this.pipelinedBytes = pipelinedBytes
    this.ends = new MuxEnds({ clock, fault, limits: sendingLimits(options), ...sharedTimes })
    this.refusals = new RefusedUpgrades(clock)
  }

  /** Whether a node is reached in this way. */
  leadTo(node: NodeRecord): boolean {
    if (!this.options.fastLane) return false
    const { key, offers } = this.placeOf(node)
    return offers && !this.refusals.has(key)
  }

  /** The connection to a node, if there is one that takes more. */
  ready(node: NodeRecord): Link | undefined {
    return this.links.get(this.placeOf(node).key)?.take()
  }

  /** Gives the connection to a node: at once when there is one, else when it is made. */
  use(node: NodeRecord, user: LinkUser): void {
    if (this.closed !== undefined) return user.failed(this.closed, false)
    const { key } = this.placeOf(node)
    const known = this.links.get(key)
    if (known?.isUsable === true) return known.use(user)
    const made: DeliveryLink = new DeliveryLink(this.dial(node), this.options.clock.scheduler, {
      made: link => this.keep(link),
      gone: () => {
        if (this.links.get(key) === made) this.links.delete(key)
      },
    })
    this.links.set(key, made)
    made.use(user)
    made.start()
  }

  /** The numbers of each connection. */
  stats(): readonly SharedStats[] {
    return sharedStatsOf(this.open)
  }

  /** Closes all connections: what is under way fails with `error`. Resolves when they are gone. */
  async close(error: ServiceError): Promise<void> {
    this.closed = error
    for (const link of [...this.links.values()]) link.abort(error)
    for (const link of this.open) link.abort(error)
    await Promise.all([...this.open].map(({ closed }) => lastValueFrom(closed, { defaultValue: undefined })))
  }

  private placeOf(node: NodeRecord): Place {
    let place = this.places.get(node)
    if (place === undefined) {
      const { address, metadata } = node
      place = {
        key: `${metadata['secure'] === 'true' ? 'https' : 'http'} ${address}`,
        offers: sharedWires([fastLaneOffer], metadata['headrace']).length > 0,
      }
      this.places.set(node, place)
    }
    return place
  }

  private keep(link: Link): void {
    const forget = () => this.open.delete(link)
    this.open.add(link)
    link.closed.subscribe({ error: forget, complete: forget })
  }

  private dial(node: NodeRecord): Observable<Link> {
    const { address, metadata } = node
    const { clock, notice, tls } = this.options
    return defer(() => connect(address, metadata['secure'] === 'true' ? (tls ?? {}) : undefined)).pipe(
      switchMap(socket =>
        askUpgrade(socket, address, { userAgent: 'headrace', dialTimeoutMs, clock }).pipe(
          switchMap(answer => {
            if ('rest' in answer) return this.ends.link(new SocketPipe(socket, address, answer.rest), address)
            this.refusals.add(this.placeOf(node).key)
            notice(`${address} offers the fast lane, but answered '${answer.refused}': it is posted to`)
            throw new RefusedError(address, answer.refused)
          }),
        ),
      ),
    )
  }
}

class RefusedError extends ServiceError {
  constructor(address: string, answer: string) {
    super('unavailable', `${address} offers the fast lane, but answered '${answer}'`)
  }
}

/** One connection, from its dial on. */
class DeliveryLink {
  private link: Link | undefined
  private waiting: LinkUser[] = []
  private readonly dialling = new Subscription()
  private timer: Subscription | undefined
  private used = true
  private over = false

  constructor(
    private readonly dial: Observable<Link>,
    private readonly scheduler: ResolvedBrokerOptions['clock']['scheduler'],
    private readonly events: { readonly made: (link: Link) => void; readonly gone: () => void },
  ) {}

  /** False when its peer takes nothing more: what is under way goes on, and another connection is made. */
  get isUsable(): boolean {
    return this.link === undefined || this.link.room > 0
  }

  take(): Link | undefined {
    this.used = true
    return this.isUsable ? this.link : undefined
  }

  /** Dials. Called once. */
  start(): void {
    this.dialling.add(
      this.dial.subscribe({
        next: link => this.begin(link),
        error: (error: unknown) => this.end(ServiceError.from(error)),
      }),
    )
  }

  use(user: LinkUser): void {
    this.used = true
    if (this.link === undefined) this.waiting.push(user)
    else user.ready(this.link)
  }

  abort(error: ServiceError): void {
    this.dialling.unsubscribe()
    this.link?.abort(error)
    this.end(error)
  }

  private begin(link: Link): void {
    this.link = link
    this.events.made(link)
    const gone = () => this.end(new ServiceError('unavailable', `the connection to ${link.peer} was closed`))
    link.closed.subscribe({ error: gone, complete: gone })
    this.watchIdle(link)
    for (const user of this.waiting.splice(0)) user.ready(link)
  }

  /** One timer for each connection and none for each message: it asks whether it was used since the last time. */
  private watchIdle(link: Link): void {
    const room = link.room
    this.timer = this.scheduler.schedule(() => {
      if (this.used || link.room < room) {
        this.used = false
        return this.watchIdle(link)
      }
      link.retire()
      this.end(new ServiceError('unavailable', `the connection to ${link.peer} was not used`))
    }, idleMs)
  }

  private end(error: ServiceError): void {
    if (this.over) return
    this.over = true
    this.timer?.unsubscribe()
    this.events.gone()
    for (const user of this.waiting.splice(0)) user.failed(error, error instanceof RefusedError)
  }
}

/** Connects to a subscriber. Cold; emits the socket and completes. Errors `unavailable`, `timeout`. Unsubscribing before that destroys it. */
function connect(address: string, tls: BrokerTlsOptions | undefined): Observable<Socket> {
  return new Observable(subscriber => {
    const { socket, ready } = dialSubscriber(parseAddress(address), tls)
    let connected = false
    const failed = (error: Error) =>
      subscriber.error(fromNodeError(`http broker: connection to ${address}`, error))
    const closed = () => failed(new Error('the peer closed the connection'))
    socket.on('error', failed).on('close', closed)
    socket.setTimeout(dialTimeoutMs, () => socket.destroy(new Error(`not within ${dialTimeoutMs} ms`)))
    socket.once(ready, () => {
      connected = true
      socket.setTimeout(0)
      socket.off('close', closed)
      subscriber.next(socket)
      subscriber.complete()
    })
    return () => {
      if (!connected) socket.destroy()
    }
  })
}
