/** The command line and the environment of a service, read once by the composition root. */
export { helpText } from './flags/help.js'
export { parseFlags, type FlagValues } from './flags/parse.js'
export { serviceFlags, type FlagKind, type FlagSpec } from './flags/table.js'
