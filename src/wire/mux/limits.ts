/** What one side of a fast lane allows its peer, and how it sends. Every number is told to the peer or kept by this side alone. */
export interface MuxLimits {
  /**
   * Streams that the peer may have open at once. One more is refused.
   * @default 16384
   */
  readonly maxStreams: number
  /**
   * The largest header block of a message, at most 65535.
   * @default 65535
   */
  readonly maxHeaderBytes: number
  /**
   * The largest message, headers included.
   * @default 16777216
   */
  readonly maxMessageBytes: number
  /**
   * Messages of one stream that the peer may send before they are consumed here.
   * @default 1024
   */
  readonly streamMessages: number
  /**
   * Bytes of one stream that the peer may send before they are consumed here, exceeded by at most one message.
   * @default 262144
   */
  readonly streamBytes: number
  /**
   * Messages of all streams that the peer may send before they are consumed here.
   * @default 262144
   */
  readonly connectionMessages: number
  /**
   * Bytes of all streams that the peer may send before they are consumed here, exceeded by at most one message.
   * @default 67108864
   */
  readonly connectionBytes: number
  /**
   * Bytes of requests whose calls have no answer yet. A call beyond it is refused.
   * @default 67108864
   */
  readonly maxCallBytes: number
  /**
   * Answers to control frames that may wait for a peer that does not read. One more ends the connection.
   * @default 1024
   */
  readonly maxControlFrames: number
  /**
   * Streams of its own that the peer may reset within a second: each has cost this side more than the peer. One more ends the connection.
   * @default 16384
   */
  readonly maxResetsPerSecond: number
  /**
   * The largest piece of a message that is sent at once, so that others get their turn; the last one may be a quarter larger.
   * @default 65536
   */
  readonly fragmentBytes: number
  /**
   * After which silence the peer is asked whether it is there while streams are open.
   * @default 1000
   */
  readonly pingAfterMs: number
  /**
   * After which silence it is asked when none is open.
   * @default 15000
   */
  readonly idlePingAfterMs: number
  /**
   * How long its answer may take before it is suspect: what may go elsewhere does, what is under way waits.
   * @default 1500
   */
  readonly suspectAfterMs: number
  /**
   * How long its answer may take before the connection is given up.
   * @default 10000
   */
  readonly deadAfterMs: number
}

/** What holds where nothing else is said. */
export const defaultMuxLimits: MuxLimits = {
  maxStreams: 16_384,
  maxHeaderBytes: 65_535,
  maxMessageBytes: 16 * 1024 * 1024,
  streamMessages: 1024,
  streamBytes: 256 * 1024,
  connectionMessages: 256 * 1024,
  connectionBytes: 64 * 1024 * 1024,
  maxCallBytes: 64 * 1024 * 1024,
  maxControlFrames: 1024,
  maxResetsPerSecond: 16_384,
  fragmentBytes: 64 * 1024,
  pingAfterMs: 1000,
  idlePingAfterMs: 15_000,
  suspectAfterMs: 1500,
  deadAfterMs: 10_000,
}
