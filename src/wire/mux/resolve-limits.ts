import { count, milliseconds, resolveOptions, type OptionRules } from '../../streams/index.js'
import { defaultMuxLimits as usual, type MuxLimits } from './limits.js'

const rules: OptionRules<MuxLimits> = {
  maxStreams: count(usual.maxStreams),
  maxHeaderBytes: count(usual.maxHeaderBytes),
  maxMessageBytes: count(usual.maxMessageBytes),
  streamMessages: count(usual.streamMessages),
  streamBytes: count(usual.streamBytes),
  connectionMessages: count(usual.connectionMessages),
  connectionBytes: count(usual.connectionBytes),
  maxCallBytes: count(usual.maxCallBytes),
  maxControlFrames: count(usual.maxControlFrames),
  maxResetsPerSecond: count(usual.maxResetsPerSecond),
  fragmentBytes: count(usual.fragmentBytes, 256),
  pingAfterMs: milliseconds(usual.pingAfterMs, 1),
  idlePingAfterMs: milliseconds(usual.idlePingAfterMs, 1),
  suspectAfterMs: milliseconds(usual.suspectAfterMs, 1),
  deadAfterMs: milliseconds(usual.deadAfterMs, 1),
}

const maxU16 = 65_535
const maxU31 = 0x7fffffff

/** Fills in the defaults. Throws `bad_request` that names the field; what would not fit its field on the wire is cut to what does. */
export function resolveMuxLimits(limits: Partial<MuxLimits> | undefined): MuxLimits {
  const resolved = resolveOptions('fast lane', limits, rules)
  return {
    ...resolved,
    maxStreams: Math.min(resolved.maxStreams, maxU31),
    maxHeaderBytes: Math.min(resolved.maxHeaderBytes, maxU16),
    maxMessageBytes: Math.min(resolved.maxMessageBytes, maxU31),
    streamMessages: Math.min(resolved.streamMessages, maxU31),
    streamBytes: Math.min(resolved.streamBytes, maxU31),
    connectionMessages: Math.min(resolved.connectionMessages, maxU31),
    connectionBytes: Math.min(resolved.connectionBytes, maxU31),
    fragmentBytes: Math.min(resolved.fragmentBytes, 64 * 1024),
  }
}
