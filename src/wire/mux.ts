/** The fast lane (docs/fast-lane.md): many calls and streams over one ordered pipe, without sockets. */
export { resetCode } from './mux/frames.js'
export { resolveMuxLimits, type MuxLimits } from './mux/limits.js'
export { Multiplexer } from './mux/multiplexer.js'
export type { MuxStream, StreamFailure, StreamHandler } from './mux/stream.js'
