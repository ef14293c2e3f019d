import { burst, calls1, calls64, echo } from './scenarios/calls.js'
import { idleStreams, memory, start } from './scenarios/footprint.js'
import { publish1, publish8 } from './scenarios/publish.js'
import type { Scenario } from './scenarios/scenario.js'
import { bidi, serverStream } from './scenarios/streams.js'

/** Every load that is put on every peer, in the order of the tables. */
export const scenarios: readonly Scenario[] = [
  calls64,
  calls1,
  echo,
  serverStream,
  bidi,
  publish1,
  publish8,
  burst,
  start,
  memory,
  idleStreams,
]
