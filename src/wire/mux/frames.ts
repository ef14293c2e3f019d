/** The frames of the fast lane, as docs/fast-lane.md section 3 lays them out. */

/** Every frame begins with so many bytes: type and flags, three bytes of length, four of the stream. */
export const frameHeadBytes = 8

/** The largest payload of a frame. */
export const maxPayloadBytes = 128 * 1024

/** What a frame is for: the low four bits of its first byte. */
export const frameType = {
  settings: 0,
  message: 1,
  end: 2,
  reset: 3,
  credit: 4,
  ping: 5,
  pong: 6,
  goAway: 7,
} as const

/** Flags of a message frame: the high four bits of its first byte. */
export const messageFlag = {
  /** A message begins here. */
  first: 0x10,
  /** The sender's direction ends with this message. Stands on its first frame. */
  end: 0x20,
  /** Opens a call: one message each way. Stands on the first frame of the stream. */
  call: 0x40,
  /** The message goes on in further frames; its whole length comes first. Stands on its first frame. */
  more: 0x80,
} as const

/** Why a stream was reset or a connection is given up. */
export const resetCode = {
  cancelled: 0,
  /** No handler was called, so another attempt is safe. */
  refused: 1,
  protocol: 2,
  flowControl: 3,
  limit: 4,
  internal: 5,
  timeout: 6,
} as const

/** The ids of the settings. */
export const settingId = {
  maxStreams: 1,
  maxHeaderBytes: 2,
  maxMessageBytes: 3,
  streamMessages: 4,
  streamBytes: 5,
  connectionMessages: 6,
  connectionBytes: 7,
} as const

/** The longest reason that a reset or a go-away carries, in bytes. */
export const maxReasonBytes = 1024

/** The last id a stream can have. */
export const lastStreamId = 0x7fffffff
