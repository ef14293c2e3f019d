/** How many messages, and how many bytes of them, headers included. */
export interface MessageCount {
  readonly messages: number
  readonly bytes: number
}

/** Numbers of a connection that carries many calls and channels, at one moment and at one side of it. */
export interface SharedStats {
  /** The address of the other side. */
  readonly peer: string
  /** The other side has not answered in time, and is not given up yet. */
  readonly suspect: boolean
  /** Calls under way, of both sides. */
  readonly calls: number
  /** Channels that are open, of both sides. */
  readonly channels: number
  /** Bytes that wait to be sent: for credit, for their turn, or for the socket. */
  readonly queuedBytes: number
  /** What may still be sent on all calls and channels together before the other side gives more; the bytes are below zero by at most one message. */
  readonly sendCredit: MessageCount
  /** What the other side may still send on all together before this side gives more. */
  readonly receiveCredit: MessageCount
  /** Messages of channels that were received and not answered with ack or nack: those that wait, and those that are worked on. */
  readonly unanswered: MessageCount
}

/** The numbers of those that have some at this moment. */
export function sharedStatsOf(
  connections: Iterable<{ stats?(): SharedStats | undefined }>,
): readonly SharedStats[] {
  return Array.from(connections, connection => connection.stats?.()).filter(stats => stats !== undefined)
}
