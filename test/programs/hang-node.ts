import { setTimeout as sleep } from 'node:timers/promises'
import { createService, serverStream } from 'headrace'

/** A node that tests stop and keep busy. Each line that it logs begins with the time. */
const service = createService({ name: 'hang', log: line => console.log(`${Date.now()} ${line}`) })
const text = 'x'.repeat(100)
let calledAt: number | undefined

service.handle({
  Hang: {
    Who: () => {
      calledAt ??= Date.now()
      return { node: service.id, calledAt }
    },
    Slow: async ({ ms }: { ms: number }) => {
      await sleep(ms)
      return { node: service.id }
    },
    Flood: serverStream(function* () {
      for (let n = 0; ; n += 1) yield { n, text }
    }),
    Memory: () => ({ rss: process.memoryUsage().rss, cpu: process.cpuUsage() }),
    Block: ({ ms }: { ms: number }) => {
      for (const until = Date.now() + ms; Date.now() < until;);
      return { node: service.id }
    },
  },
})
await service.run()
