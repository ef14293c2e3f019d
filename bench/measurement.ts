/** Numbers by the key of their metric. */
export type Numbers = Readonly<Record<string, number>>

/** One column of a table. */
export interface Metric {
  readonly key: string
  /** The head of the column, with the unit. */
  readonly title: string
  /** Digits behind the point. @default 0 */
  readonly digits?: number
  /** Followed by a column of multiples of the reference. @default false */
  readonly ratio?: boolean
}

/** Something that is measured once in each round, for each row of its table. */
export interface Measurement {
  /** A word for options. */
  readonly name: string
  /** One line over the table that says exactly what was done. */
  readonly title: string
  readonly metrics: readonly Metric[]
}

/** How thoroughly to measure: `quick` only shows that everything runs. */
export type Effort = 'full' | 'quick'
