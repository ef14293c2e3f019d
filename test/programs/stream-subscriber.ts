import { setTimeout as sleep } from 'node:timers/promises'
import { createService } from 'headrace'

/**
 * Subscribes to `numbers`, of which each event is one more than the one before. STREAM_PAUSE: it waits a millisecond behind so many events; 0: never.
 * STREAM_TOTAL: behind so many it prints whether all came in order, and the most memory it had.
 */
const [pause, total] = [Number(process.env['STREAM_PAUSE'] ?? 0), Number(process.env['STREAM_TOTAL'] ?? 0)]

let count = 0
let inOrder = true
let mostMemory = 0

const service = createService({ name: 'numbers.reader' })
service.subscribe<{ n: number }>('numbers', ({ n }) => {
  inOrder &&= n === count
  count += 1
  if (count % 1_000 === 0) mostMemory = Math.max(mostMemory, process.memoryUsage.rss())
  if (count === total)
    console.log(`came ${count}, in order ${inOrder}, memory ${Math.round(mostMemory / 2 ** 20)}`)
  return pause > 0 && count % pause === 0 ? sleep(1) : undefined
})
await service.run()
