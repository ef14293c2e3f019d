import type { OwnMeasurement } from './own/own.js'
import { pick } from './own/pick.js'
import { npmStart } from './own/npm-start.js'

/** Everything that is measured of this project alone, in the order of the tables. */
export const own: readonly OwnMeasurement[] = [pick, npmStart]
