import { ServiceError, type NodeRecord } from '../../../streams/index.js'
import type { DeliveryLinks } from './delivery-links.js'
import type { Dispatch, Lane } from './lane.js'
import type { PostLane, Poster } from './poster.js'
import { SharedLane } from './shared-lane.js'

/** The ways to nodes: the fast lane where a node offers it and it was not refused, else POSTs. */
export class Lanes {
  constructor(
    private readonly poster: Poster,
    private readonly links: DeliveryLinks,
  ) {}

  /** Makes the way to a node. `changed` is called when there may be room again. */
  lane(changed: () => void): Lane {
    return new NodeLane(this.links, new SharedLane(this.links, changed), this.poster.lane(changed))
  }
}

class NodeLane implements Lane {
  constructor(
    private readonly links: DeliveryLinks,
    private readonly shared: SharedLane,
    private readonly posts: PostLane,
  ) {}

  hasRoom(node: NodeRecord): boolean {
    return this.links.leadTo(node) ? this.shared.hasRoom(node) : this.posts.hasRoom(node)
  }

  send(dispatch: Dispatch): void {
    const { node, outgoing, done } = dispatch
    if (this.links.leadTo(node)) return this.shared.send(dispatch)
    let body: Uint8Array
    try {
      body = outgoing.bytes
    } catch (error) {
      return done({ kind: 'answered', error: ServiceError.from(error) })
    }
    this.posts.post({ node, body, done })
  }
}
