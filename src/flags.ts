/** The command line and the environment of a service, read once by the composition root. */
export { closest } from './flags/closest.js'
export { helpText } from './flags/help.js'
export { dashed, parseFlags, unknownFlag, type FlagValues } from './flags/parse.js'
export { serviceFlags, type FlagKind, type FlagSpec } from './flags/table.js'
