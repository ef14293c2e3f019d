import type { OwnMeasurement } from './own/own.js'
import { pick } from './own/pick.js'
import { start } from './own/start.js'

/** Everything that is measured of this project alone, in the order of the tables. */
export const own: readonly OwnMeasurement[] = [pick, start]
