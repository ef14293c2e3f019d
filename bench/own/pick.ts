import type { Effort, Numbers } from '../measurement.js'
import type { OwnMeasurement } from './own.js'
import { resultOf } from './program.js'

const picks: Readonly<Record<Effort, number>> = { full: 500_000, quick: 5_000 }

/** What choosing a node costs, and that it costs the same however many there are. */
export const pick: OwnMeasurement = {
  name: 'pick',
  title:
    '`selector.pick` from 10, 1,000 and 10,000 nodes, of which a version filter passes half and one is ejected, and the `report` that each pick is owed',
  rowTitle: 'strategy',
  metrics: [
    { key: 'of10', title: '10 nodes ns' },
    { key: 'of1000', title: '1,000 nodes ns' },
    { key: 'of10000', title: '10,000 nodes ns' },
    { key: 'growth', title: '10,000 ÷ 10', digits: 2 },
    { key: 'reportOf10', title: 'report of 10 ns' },
    { key: 'reportOf10000', title: 'of 10,000 ns' },
  ],
  async run(effort) {
    const rows = (await resultOf('pick-program', [String(picks[effort])])) as Record<string, Numbers>
    return new Map(Object.entries(rows))
  },
}
