import { filter, firstValueFrom, timeout } from 'rxjs'
import { createService } from 'headrace'
import { runExample, type ExampleOptions } from '../run-example.js'
import { Events, Greeter } from './definition.js'

/** Waits until a greeter is there, then calls it, streams with it and publishes to it. */
export async function main({ print, signal, ...options }: ExampleOptions): Promise<void> {
  const service = createService({ name: 'greeter.client', ...options })
  try {
    const found = service.discover('greeter').pipe(
      filter(nodes => nodes.length > 0),
      timeout(5_000),
    )
    await firstValueFrom(found)

    const greeter = service.client(Greeter, 'greeter')
    print((await greeter.hello({ name: 'John' })).greeting)

    const counts = [1n, 2n, 3n].map(count => ({ count }))
    for await (const { count } of greeter.stream(counts)) print(`stream: ${count}`)

    for await (const { count } of greeter.serverStream({ count: 3n })) print(`server stream: ${count}`)

    const event = { id: '1', timestamp: BigInt(Date.now()), message: 'Hello from the client' }
    const deliveries = await service.publish(Events, event)
    print(`published to ${deliveries.length} subscriber(s)`)
  } finally {
    await service.close()
  }
}

await runExample(import.meta.url, main)
