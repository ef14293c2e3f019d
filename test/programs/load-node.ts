import { appendFileSync } from 'node:fs'
import { createService } from 'headrace'

/**
 * A node under load: `Load.Work` writes each id it is given to the file LOAD_LOG, in one system call, before it answers; `Load.Ask` may be
 * asked twice.
 */
const file = process.env['LOAD_LOG']
if (file === undefined) throw new Error('LOAD_LOG is missing')

const service = createService({ name: 'load' })
service.handle({
  Load: {
    Work: ({ id }: { id: string }) => {
      appendFileSync(file, `${id}\n`)
      return { node: service.id }
    },
    Ask: () => ({ node: service.id }),
  },
})
await service.run()
