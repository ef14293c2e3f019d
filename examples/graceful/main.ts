import { setTimeout as sleep } from 'node:timers/promises'
import { createService } from 'headrace'
import { runExample, type Example } from '../run-example.js'

/** A service that is told to stop finishes what is under way: the slow call is answered after the stop has begun. */
export async function main({ print, options }: Example): Promise<void> {
  const kitchen = createService({
    name: 'kitchen',
    hooks: {
      beforeStop: [() => print('closing: no new orders')],
      afterStop: [() => print('closed')],
    },
    ...options(),
  })
  let ordered: () => void = () => undefined
  const order = new Promise<void>(resolve => (ordered = resolve))
  kitchen.handle({
    Kitchen: {
      Cook: async ({ dish }: { dish: string }) => {
        ordered()
        await sleep(50)
        return { dish }
      },
    },
  })
  await kitchen.start()

  const guest = createService({ name: 'guest', ...options() })
  const meal = guest
    .client('kitchen')
    .call<{ dish: string }>('Kitchen.Cook', { dish: 'soup' })
    .then(({ dish }) => print(`served: ${dish}`))
  await order
  // #region close
  await kitchen.close({ timeoutMs: 5_000 }) // leaves the registry, answers what is under way, aborts it after 5 s
  // #endregion close
  await meal
  await guest.close()
}

await runExample(import.meta.url, main)
