import { randomUUID } from 'node:crypto'
import type { Message, NodeRecord } from '../../../streams/index.js'
import { encodePublication } from '../../../wire/broker-http.js'
import type { PostOutcome } from './post.js'

/** One published message on its way to all its targets: encoded once, by whoever posts it first. */
export class Outgoing {
  private encoded: Uint8Array | undefined

  constructor(
    readonly topic: string,
    readonly message: Message,
  ) {}

  get bytes(): Uint8Array {
    this.encoded ??= encodePublication({ topic: this.topic, message: this.message, id: randomUUID() })
    return this.encoded
  }
}

/** One message on its way to a node. */
export interface Dispatch {
  readonly node: NodeRecord
  readonly outgoing: Outgoing
  /** Called once. */
  readonly done: (outcome: PostOutcome) => void
}

/** The way to one node. */
export interface Lane {
  /** Whether the node may be sent one more message now. */
  hasRoom(node: NodeRecord): boolean
  /** Sends one message, behind those that went before. Call it only when there is room. */
  send(dispatch: Dispatch): void
}
