import { setTimeout as sleep } from 'node:timers/promises'
import { createService } from 'headrace'

/** A node that tests stop and keep busy. Each line that it logs begins with the time. */
const service = createService({ name: 'hang', log: line => console.log(`${Date.now()} ${line}`) })
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
    Block: ({ ms }: { ms: number }) => {
      for (const until = Date.now() + ms; Date.now() < until;);
      return { node: service.id }
    },
  },
})
await service.run()
