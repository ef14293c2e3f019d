import { Subject, filter, map, type Observable } from 'rxjs'
import { ServiceError } from '../../../streams/index.js'
import { Group } from './group.js'

/** What memory brokers meet in: one hub is one network. */
export class BrokerHub {
  private readonly topics = new Map<string, Map<string, Group>>()
  private readonly losses = new Subject<ServiceError>()
  private readonly joins = new Subject<{ readonly topic: string; readonly group: Group }>()
  private lost: ServiceError | undefined
  private named = 0

  /** Hot. Each loss of the hub by {@link disconnect}. */
  readonly disconnected: Observable<ServiceError> = this.losses.asObservable()

  /** As if the broker was lost: subscriptions and all operations fail with `unavailable` until {@link reconnect}. */
  disconnect(): void {
    this.lost = new ServiceError('unavailable', 'memory broker: the hub is disconnected; call reconnect()')
    this.losses.next(this.lost)
  }

  /** Ends a {@link disconnect}. */
  reconnect(): void {
    this.lost = undefined
  }

  /** Throws while the hub is disconnected. */
  check(): void {
    if (this.lost !== undefined) throw this.lost
  }

  /** Everyone who gets a message of `topic`: each group once. */
  groups(topic: string): readonly Group[] {
    return [...(this.topics.get(topic)?.values() ?? [])]
  }

  /** Hot. Each group of `topic` that comes from now on. */
  joined(topic: string): Observable<Group> {
    return this.joins.pipe(
      filter(join => join.topic === topic),
      map(({ group }) => group),
    )
  }

  /** The group of a new subscriber: that of its queue, or one of its own. */
  join(topic: string, queue: string | undefined): Group {
    const groups = this.topics.get(topic) ?? new Map<string, Group>()
    this.topics.set(topic, groups)
    this.named += 1
    // Two spaces of names: a queue that is called like a subscriber's number stays another group.
    const key = queue === undefined ? `subscriber ${this.named}` : `queue ${queue}`
    const known = groups.get(key)
    if (known !== undefined) return known
    const group = new Group(`${key} of topic '${topic}'`, () => this.leave(topic, key))
    groups.set(key, group)
    this.joins.next({ topic, group })
    return group
  }

  private leave(topic: string, key: string): void {
    const groups = this.topics.get(topic)
    groups?.delete(key)
    if (groups?.size === 0) this.topics.delete(topic)
  }
}
