import { Observable, ReplaySubject, defer, share, type Subscription } from 'rxjs'
import {
  ServiceError,
  foldRegistry,
  type DeliveryReport,
  type Message,
  type PublishedTopicStats,
  type Registry,
  type ServiceRecord,
  type Source,
  type StreamReport,
} from '../../../streams/index.js'
import { brokerService } from '../../../wire/broker-http.js'
import { PublishedStream } from '../../published-stream.js'
import type { DeliveryLinks } from './delivery-links.js'
import { Route } from './route.js'
import { Outgoing } from './lane.js'
import type { TargetOptions } from './target.js'

/** What a {@link Publisher} needs. */
export interface PublisherOptions extends TargetOptions {
  readonly registry: Registry
  readonly pipelining: number
  readonly links: DeliveryLinks
  readonly idleTimeoutMs: number
  readonly maxBodyBytes: number
  readonly fault: (error: ServiceError) => void
}

interface Use {
  readonly route: Route
  /** Publishes under way. */
  running: number
  /** Since when there are none. */
  idleSince: number
  /** Looks whether it was not used for a while: one timer, however often it begins and ends to be used. */
  watch: Subscription | undefined
}

/** The publishing half of the broker: a route for each topic that was used of late. */
export class Publisher {
  private readonly uses = new Map<string, Use>()

  /** One watch for all topics. */
  private readonly versionOne: Observable<readonly ServiceRecord[]>

  constructor(private readonly options: PublisherOptions) {
    const { registry } = options
    this.versionOne = defer(() => registry.watch(brokerService)).pipe(
      foldRegistry(),
      share({ connector: () => new ReplaySubject(1) }),
    )
  }

  /** As {@link Broker.publish} says. */
  publish(topic: string, message: Message, timeoutMs: number): Observable<DeliveryReport> {
    return new Observable(subscriber => {
      this.check(topic, message)
      const use = this.use(topic)
      use.route.publish(new Outgoing(topic, message), timeoutMs, subscriber)
      return () => this.release(topic, use)
    })
  }

  /** As {@link Broker.publishAll} says. */
  publishAll(topic: string, source: Source<Message>, timeoutMs: number): Observable<StreamReport> {
    const { clock } = this.options
    const sizeOf = ({ body }: Message) => body.byteLength
    const check = (message: Message) => this.check(topic, message)
    return new Observable(subscriber => {
      const stream = new PublishedStream({ source, sizeOf, check, timeoutMs, clock }, subscriber)
      const use = this.use(topic)
      const feeding = use.route.publishAll(stream, timeoutMs).subscribe({
        error: (error: unknown) => subscriber.error(error),
      })
      return () => {
        feeding.unsubscribe()
        stream.stop()
        this.release(topic, use)
      }
    })
  }

  /** The topics that were published to of late. */
  stats(): readonly PublishedTopicStats[] {
    return Array.from(this.uses.values(), ({ route }) => route.stats())
  }

  /** Ends all watches and fails what waits. */
  close(): void {
    const closed = new ServiceError(
      'unavailable',
      'http broker: it was closed before the subscriber had answered',
    )
    for (const [topic, use] of this.uses) this.drop(topic, use, closed)
  }

  private check(topic: string, { body }: Message): void {
    const { maxBodyBytes } = this.options
    if (body.length <= maxBodyBytes) return
    const size = `${body.length} bytes, more than ${maxBodyBytes}; see maxBodyBytes`
    throw new ServiceError('bad_request', `http broker: the message for '${topic}' has ${size}`)
  }

  private use(topic: string): Use {
    const known = this.uses.get(topic)
    if (known !== undefined) {
      known.running += 1
      return known
    }
    const lost = (error: ServiceError) => this.drop(topic, use, error)
    const { options, versionOne } = this
    const use: Use = {
      route: new Route({ ...options, versionOne, topic, lost }),
      running: 1,
      idleSince: 0,
      watch: undefined,
    }
    this.uses.set(topic, use)
    use.route.start()
    return use
  }

  private release(topic: string, use: Use): void {
    const { clock, idleTimeoutMs } = this.options
    use.running -= 1
    if (use.running > 0 || this.uses.get(topic) !== use) return
    use.idleSince = clock.scheduler.now()
    if (use.watch === undefined) this.watch(topic, use, idleTimeoutMs)
  }

  private watch(topic: string, use: Use, delayMs: number): void {
    const { clock, idleTimeoutMs } = this.options
    use.watch = clock.scheduler.schedule(() => {
      use.watch = undefined
      if (use.running > 0) return
      const left = use.idleSince + idleTimeoutMs - clock.scheduler.now()
      if (left > 0) return this.watch(topic, use, left)
      this.drop(topic, use, new ServiceError('unavailable', 'http broker: nothing was published for a while'))
    }, delayMs)
  }

  private drop(topic: string, use: Use, error: ServiceError): void {
    if (this.uses.get(topic) === use) this.uses.delete(topic)
    use.watch?.unsubscribe()
    use.route.end(error)
  }
}
