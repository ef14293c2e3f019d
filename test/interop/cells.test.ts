import { expect, it } from 'vitest'
import { cells } from './cells.js'
import { exceptionFor } from './not-applicable.js'

it('the cells that do not apply are those of the committed list', async () => {
  const kindsByRow = new Map<string, string[]>()
  for (const cell of cells) {
    const reason = exceptionFor(cell)?.reason
    if (reason === undefined) continue
    const row = `${cell.peer}, ${cell.role}, ${cell.place}, ${cell.codec}: ${reason}`
    kindsByRow.set(row, [...(kindsByRow.get(row) ?? []), cell.kind])
  }
  const rows = Array.from(kindsByRow, ([row, kinds]) => `${row}: ${kinds.join(', ')}\n`)
  await expect(rows.join('')).toMatchFileSnapshot('not-applicable.txt')
})
