import { Subject, map, take } from 'rxjs'
import { createService } from 'headrace'
import { runExample, type Example } from '../run-example.js'
import { zoneFirst } from './zone-first.js'

/** A strategy of your own is a function; zone-first.test.ts proves it with the published laws. */
export async function main({ print, options }: Example): Promise<void> {
  const allAreThere = new Subject<void>()
  let calls = 0
  const nodes = ['north', 'south'].map(zone => {
    const node = createService({ name: 'cache', metadata: { zone }, ...options() })
    node.handle({
      Cache: {
        // Answers when three calls have come, so that all three are in flight at the same time.
        Get() {
          if (++calls === 3) queueMicrotask(() => allAreThere.next())
          return allAreThere.pipe(
            take(1),
            map(() => ({ zone })),
          )
        },
      },
    })
    return node
  })
  await Promise.all(nodes.map(node => node.start()))

  const service = createService({ name: 'cache.client', strategy: zoneFirst('south', 2), ...options() })
  const cache = service.client('cache')
  const answers = await Promise.all([1, 2, 3].map(() => cache.call<{ zone: string }>('Cache.Get')))
  for (const { zone } of answers) print(`answered in the ${zone}`)

  await service.close()
  await Promise.all(nodes.map(node => node.close()))
}

await runExample(import.meta.url, main)
