import type { Numbers } from '../measurement.js'

/** What was measured: for each measurement, row and metric, one number of each round. */
export class Samples {
  private readonly values = new Map<string, number[]>()
  private readonly rows = new Map<string, Set<string>>()

  add(measurement: string, row: string, numbers: Numbers): void {
    this.rows.set(measurement, new Set([...this.rowsOf(measurement), row]))
    for (const [metric, value] of Object.entries(numbers)) {
      const key = keyOf(measurement, row, metric)
      const known = this.values.get(key)
      if (known === undefined) this.values.set(key, [value])
      else known.push(value)
    }
  }

  /** The rows that have a number, in the order in which they came. */
  rowsOf(measurement: string): readonly string[] {
    return [...(this.rows.get(measurement) ?? [])]
  }

  /** The median of all rounds, or `undefined` when there is no number. */
  median(measurement: string, row: string, metric: string): number | undefined {
    const sorted = (this.values.get(keyOf(measurement, row, metric)) ?? [])
      .filter(value => !Number.isNaN(value))
      .sort((a, b) => a - b)
    const middle = sorted.length >> 1
    const upper = sorted[middle]
    const lower = sorted[middle - (sorted.length % 2 === 0 ? 1 : 0)]
    return upper === undefined || lower === undefined ? undefined : (upper + lower) / 2
  }
}

function keyOf(measurement: string, row: string, metric: string): string {
  return JSON.stringify([measurement, row, metric])
}
