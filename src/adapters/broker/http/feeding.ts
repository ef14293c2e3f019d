import { ServiceError, type Message, type NodeRecord } from '../../../streams/index.js'
import type { Joined, PublishedStream } from '../../published-stream.js'
import { Outgoing } from './lane.js'
import type { TargetOptions } from './target.js'
import type { DeliveryLinks } from './delivery-links.js'
import { NodesOutlet } from './nodes-outlet.js'

/** The subscribers of a topic: those without a queue each alone, the others by their queue. */
export type Groups = ReadonlyMap<string, readonly NodeRecord[]>

/** What a {@link Feeding} needs. */
export interface FeedingOptions extends TargetOptions {
  readonly topic: string
  readonly pipelining: number
  readonly links: DeliveryLinks
}

/** One published stream of a topic: an outlet for each group, as long as the group is there. */
export class Feeding {
  private readonly fed = new Map<string, Joined<NodesOutlet>>()
  private last: Outgoing | undefined

  constructor(
    private readonly stream: PublishedStream<Message>,
    private readonly options: FeedingOptions,
  ) {}

  /** The subscribers that are there now. */
  update(groups: Groups): void {
    for (const [key, { leave }] of this.fed) {
      if (groups.has(key)) continue
      this.fed.delete(key)
      leave(goneFrom(this.options.topic, key))
    }
    for (const [key, nodes] of groups) this.outletOf(key).update(nodes)
  }

  /** The route has ended. */
  fail(error: ServiceError): void {
    this.stream.fail(error)
  }

  private outletOf(key: string): NodesOutlet {
    const known = this.fed.get(key)
    if (known !== undefined) return known.outlet
    const options = { ...this.options, outgoing: this.outgoing }
    const joined = this.stream.join(key, events => new NodesOutlet(key, options, events))
    this.fed.set(key, joined)
    return joined.outlet
  }

  /** Every outlet gets the messages in turn, so remembering one is enough to encode each once. */
  private readonly outgoing = (message: Message): Outgoing => {
    if (this.last?.message !== message) this.last = new Outgoing(this.options.topic, message)
    return this.last
  }
}

/** Why a subscriber gets nothing any more. */
export function goneFrom(topic: string, subscriber: string): ServiceError {
  return new ServiceError('unavailable', `'${subscriber}' does not subscribe to '${topic}' any more`)
}
