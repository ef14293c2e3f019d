import { ServiceError, type NodeRecord } from '../../../streams/index.js'
import { fromNodeError } from '../../node-error.js'
import type { Post } from './post.js'
import { PostConnection, type PostConnectionOptions } from './post-connection.js'

/** What a {@link Poster} needs; `tls` is for nodes that ask for https. */
export type PosterOptions = Omit<PostConnectionOptions, 'address' | 'changed'>

/** The way to one node. */
export interface PostLane {
  /** Whether the node may be sent one more message now. */
  hasRoom(node: NodeRecord): boolean
  /** Posts one message, behind those that went before. Call it only when there is room. */
  post(post: Post): void
}

/** Posts messages to subscribers (PROTOCOL section 11). A node in use has a connection to itself; idle ones are kept, for any node of the address. */
export class Poster {
  private readonly open = new Map<PostConnection, Lane | undefined>()
  private readonly idle = new Map<string, PostConnection[]>()

  constructor(private readonly options: PosterOptions) {}

  /** Makes the way to a node. `changed` is called when there may be room again. */
  lane(changed: () => void): PostLane {
    return new Lane(changed, (node, lane) => this.acquire(node, lane))
  }

  /** Closes all connections; what is under way fails. */
  close(): void {
    const closed = new ServiceError(
      'unavailable',
      'http broker: it was closed before the subscriber had answered',
    )
    for (const connection of [...this.open.keys()]) connection.close(closed)
  }

  /** Throws for an address that is none, and for TLS options that do not fit each other. */
  private acquire(node: NodeRecord, lane: Lane): PostConnection {
    const connection = this.idle.get(keyOf(node))?.pop() ?? this.dial(node)
    this.open.set(connection, lane)
    return connection
  }

  private dial({ address, metadata }: NodeRecord): PostConnection {
    const tls = metadata['secure'] === 'true' ? (this.options.tls ?? {}) : undefined
    return new PostConnection({ ...this.options, address, tls, changed: this.changed })
  }

  private readonly changed = (connection: PostConnection): void => {
    const lane = this.open.get(connection)
    if (connection.isOver) this.forget(connection)
    else if (connection.isIdle && lane !== undefined) this.keep(connection)
    lane?.moved(connection)
  }

  private keep(connection: PostConnection): void {
    const { key } = connection
    this.open.set(connection, undefined)
    const others = this.idle.get(key)
    if (others === undefined) this.idle.set(key, [connection])
    else others.push(connection)
  }

  private forget(connection: PostConnection): void {
    const { key } = connection
    const others = this.idle.get(key)?.filter(other => other !== connection) ?? []
    if (others.length === 0) this.idle.delete(key)
    else this.idle.set(key, others)
    this.open.delete(connection)
  }
}

class Lane implements PostLane {
  private connection: PostConnection | undefined

  constructor(
    private readonly changed: () => void,
    private readonly acquire: (node: NodeRecord, lane: Lane) => PostConnection,
  ) {}

  hasRoom(node: NodeRecord): boolean {
    const { connection } = this
    return (
      connection === undefined || connection.isOver || connection.key !== keyOf(node) || connection.hasRoom
    )
  }

  post(post: Post): void {
    try {
      this.connectionTo(post.node).post(post)
    } catch (error) {
      post.done({
        kind: 'missed',
        error: fromNodeError(`http broker: cannot post to '${post.node.id}'`, error),
      })
    }
  }

  /** A connection that this lane used has room, is idle and given back, or is over. */
  moved(connection: PostConnection): void {
    if (this.connection === connection && (connection.isIdle || connection.isOver))
      this.connection = undefined
    this.changed()
  }

  private connectionTo(node: NodeRecord): PostConnection {
    const { connection } = this
    if (connection?.isOver === false && connection.key === keyOf(node)) return connection
    return (this.connection = this.acquire(node, this))
  }
}

function keyOf({ address, metadata }: NodeRecord): string {
  return `${metadata['secure'] === 'true' ? 'https' : 'http'} ${address}`
}
