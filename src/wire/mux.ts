/** The fast lane (docs/fast-lane.md): many calls and streams over one ordered pipe, without sockets. */
export { resetCode } from './mux/frames.js'
export { defaultMuxLimits, type MuxLimits } from './mux/limits.js'
export { resolveMuxLimits } from './mux/resolve-limits.js'
export { Multiplexer } from './mux/multiplexer.js'
export type { MuxStream, StreamFailure, StreamHandler } from './mux/stream.js'
