import {
  Observable,
  ReplaySubject,
  Subject,
  combineLatest,
  defer,
  map,
  mergeMap,
  retry,
  take,
  takeUntil,
  tap,
  throwError,
  timeout,
  type Subscriber,
} from 'rxjs'
import {
  ServiceError,
  backoff,
  foldRegistry,
  type DeliveryReport,
  type Message,
  type PublishedTopicStats,
  type Registry,
  type ServiceRecord,
} from '../../../streams/index.js'
import { subscribeFor } from '../../../streams/linked.js'
import { topicService } from '../../../wire/broker-http.js'
import type { PublishedStream } from '../../published-stream.js'
import type { DeliveryLinks } from './delivery-links.js'
import { Feeding, goneFrom, type Groups } from './feeding.js'
import type { Outgoing } from './lane.js'
import { groupSubscribers } from './subscribers.js'
import { Target, type TargetOptions } from './target.js'

/** What a {@link Route} needs. */
export interface RouteOptions extends TargetOptions {
  readonly pipelining: number
  readonly links: DeliveryLinks
  readonly registry: Registry
  /** The records of version 1, for all topics. As {@link foldRegistry} emits them. */
  readonly versionOne: Observable<readonly ServiceRecord[]>
  readonly topic: string
  readonly fault: (error: ServiceError) => void
  /** The registry was lost before it said who subscribes: this route is of no use any more. */
  readonly lost: (error: ServiceError) => void
}

/**
 * Who gets the messages of one topic: follows `topic:<topic>` and `go.micro.http.broker` in the registry, with a {@link Target} for each
 * node of the broadcast version and one for each other version. When the registry is lost later, the subscribers that are known stay.
 */
export class Route {
  private readonly targets = new Map<string, Target>()
  private readonly feedings = new Set<Feeding>()
  private groups: Groups = new Map()
  private readonly known = new ReplaySubject<void>(1)
  private readonly ended = new Subject<void>()
  private ready = false
  private over = false

  constructor(private readonly options: RouteOptions) {}

  /** Begins to follow the registry. Called once. */
  start(): void {
    const { clock, registry, topic, versionOne } = this.options
    const own = defer(() => registry.watch(topicService(topic))).pipe(foldRegistry())
    combineLatest([own, versionOne])
      .pipe(
        map(([services, shared]) => groupSubscribers(topic, services, shared)),
        tap({ error: (error: unknown) => this.lose(ServiceError.from(error)) }),
        retry({ delay: backoff({ clock }), resetOnSuccess: true }),
        takeUntil(this.ended),
      )
      .subscribe({
        next: groups => this.apply(groups),
        error: (error: unknown) => this.lose(ServiceError.from(error)),
        complete: () => this.complete(),
      })
  }

  /**
   * Tells `subscriber` a report for each target, then completes it. Waits for the registry's first word; errors when there is none. Ends when `subscriber` does.
   */
  publish(outgoing: Outgoing, timeoutMs: number, subscriber: Subscriber<DeliveryReport>): void {
    // Once the registry has spoken, which is nearly always, nothing is made for a message but what its targets need.
    if (this.ready) return this.offer(outgoing, timeoutMs, subscriber)
    subscribeFor(subscriber, this.firstWord(timeoutMs), {
      next: () => this.offer(outgoing, timeoutMs, subscriber),
      error: error => subscriber.error(error),
      complete: () => undefined,
    })
  }

  /** Gives a published stream an outlet for each target, now and as they change. Waits for the registry's first word; errors when there is none. */
  publishAll(stream: PublishedStream<Message>, timeoutMs: number): Observable<never> {
    return this.firstWord(timeoutMs).pipe(
      mergeMap(
        () =>
          new Observable<never>(() => {
            const feeding = new Feeding(stream, this.options)
            this.feedings.add(feeding)
            feeding.update(this.groups)
            stream.start()
            return () => this.feedings.delete(feeding)
          }),
      ),
    )
  }

  /** Its numbers now. */
  stats(): PublishedTopicStats {
    const { topic } = this.options
    let waiting = 0
    for (const target of this.targets.values()) waiting += target.waiting
    return { topic, subscribers: this.targets.size, waiting }
  }

  /** Ends the watch; what waits and what another carrier has under way fails. */
  end(error: ServiceError): void {
    if (this.over) return
    this.over = true
    this.ended.next()
    this.ended.complete()
    this.known.error(error)
    for (const target of this.targets.values()) target.end(error)
    this.targets.clear()
    for (const feeding of this.feedings) feeding.fail(error)
  }

  private offer(outgoing: Outgoing, timeoutMs: number, subscriber: Subscriber<DeliveryReport>): void {
    const targets = [...this.targets.values()]
    let left = targets.length
    if (left === 0) return subscriber.complete()
    const giveUps: (() => void)[] = []
    const reported = (report: DeliveryReport) => {
      left -= 1
      subscriber.next(report)
      if (left === 0) subscriber.complete()
    }
    subscriber.add(() => giveUps.forEach(giveUp => giveUp()))
    for (const target of targets) {
      if (subscriber.closed) return
      const giveUp = target.offer(outgoing, timeoutMs, reported)
      // What one target does may end another one's message, and with the last report everything.
      if (subscriber.closed) giveUp()
      else giveUps.push(giveUp)
    }
  }

  private firstWord(timeoutMs: number): Observable<void> {
    const { clock, topic } = this.options
    const late = () =>
      new ServiceError(
        'unavailable',
        `http broker: the registry did not say within ${timeoutMs} ms who subscribes to '${topic}'`,
      )
    return this.known.pipe(
      take(1),
      timeout({ first: timeoutMs, scheduler: clock.scheduler, with: () => throwError(late) }),
    )
  }

  private complete(): void {
    if (!this.over) this.lose(new ServiceError('unavailable', 'the registry is closed'))
  }

  private lose(error: ServiceError): void {
    const { topic, fault, lost } = this.options
    const failure = new ServiceError(
      'unavailable',
      `http broker: the registry does not say who subscribes to '${topic}': ${error.message}`,
      { cause: error },
    )
    if (this.ready) fault(failure)
    else lost(failure)
  }

  private apply(groups: Groups): void {
    this.groups = groups
    for (const [key, target] of this.targets) {
      if (groups.has(key)) continue
      this.targets.delete(key)
      target.end(goneFrom(this.options.topic, key))
    }
    for (const [key, nodes] of groups) {
      const target = this.targets.get(key) ?? new Target(key, this.options)
      this.targets.set(key, target)
      target.update(nodes)
    }
    for (const feeding of this.feedings) feeding.update(groups)
    this.ready = true
    this.known.next()
  }
}
