import type { Effort, Measurement, Numbers } from '../measurement.js'

/** Something that is measured of this project alone: one file of this folder each. */
export interface OwnMeasurement extends Measurement {
  /** The head of the column that names the rows. */
  readonly rowTitle: string
  /** Measures every row once. */
  run(effort: Effort): Promise<ReadonlyMap<string, Numbers>>
}
