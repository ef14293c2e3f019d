import type { ServiceError } from '../../streams/index.js'
import type { MuxStream, StreamHandler } from './stream.js'

/** What a multiplexer tells whoever has the pipe. Everything is called synchronously, out of `receive`, `take` or a command. */
export interface MuxEvents {
  /** The peer has said what it allows: streams may be opened. Once. */
  ready(): void
  /** There is something to take, where there was nothing. */
  output(): void
  /** So much is written that it need not wait for the end of the turn: `takeWritten` may be called at once. */
  plenty(): void
  /** The peer has opened a stream; its messages go to what is returned. */
  opened(stream: MuxStream): StreamHandler
  /** The last stream is over. */
  idle(): void
  /** The peer takes no further streams. */
  goneAway(): void
  /** The peer has not answered a ping in time: `true`; it is heard of again: `false`. Those who have streams are told after this. */
  suspected(suspect: boolean): void
  /** A rule was broken or the peer is silent for good: take what is left, then close the pipe. The streams are over already. */
  failed(error: ServiceError): void
}
