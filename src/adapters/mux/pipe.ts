import type { ServiceError } from '../../streams/index.js'

/** What a {@link Pipe} tells. `closed` comes last, once. */
export interface PipeEvents {
  /** Bytes of the peer, cut anywhere. */
  data(bytes: Uint8Array): void
  /** Everything that was written has left, after {@link Pipe.write} said that it was full. */
  drained(): void
  /** The peer sends nothing more. */
  ended(): void
  /** It broke; `closed` follows. */
  failed(error: ServiceError): void
  /** The peer broke a rule of the pipe itself; `closed` follows. */
  misused(error: ServiceError): void
  closed(): void
}

/** What carries a multiplexer: an ordered, reliable pipe of bytes, such as a TCP or TLS socket, or the binary messages of a WebSocket. */
export interface Pipe {
  /** Tells `events` what happens from now on, but no bytes yet. Called once. */
  open(events: PipeEvents): void
  /** Reads from now on. Called once, behind {@link open}. */
  start(): void
  /** Sends pieces in order. Returns whether it takes more now; if not, it keeps these and tells when they have left. */
  write(pieces: readonly Uint8Array[]): boolean
  /** How many bytes of what was written have not left yet. */
  readonly waitingBytes: number
  /** Closes after what was written. What the peer still sends is read. */
  end(): void
  /** Closes now. */
  destroy(): void
  /** Runs `task` at the end of this turn of the event loop: what is written there goes out together. */
  atEndOfTurn(task: () => void): void
}
