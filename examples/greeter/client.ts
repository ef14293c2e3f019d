import { filter, firstValueFrom, timeout } from 'rxjs'
import { ServiceError, createService, type Service } from 'headrace'
import { runExample, type Example } from '../run-example.js'
import { Events } from './events.js'
import { Greeter } from './greeter.headrace.js'

/** Waits until a greeter is there, then calls it, streams with it and publishes to it. `--server_name` is the name that is called. */
export async function main({ print, options }: Example): Promise<void> {
  const service = createService({ name: 'greeter', ...options() })
  try {
    await found(service, service.name)
    const greeter = service.client(Greeter, service.name)
    // #region client
    const { greeting } = await greeter.hello({ name: 'John' })
    print(greeting)

    const counts = [1n, 2n, 3n].map(count => ({ count }))
    for await (const { count } of greeter.stream(counts)) print(`stream: ${count}`)

    for await (const { count } of greeter.serverStream({ count: 3n })) print(`server stream: ${count}`)
    // #endregion client

    // #region publish
    const timestamp = BigInt(Math.floor(Date.now() / 1_000))
    const reports = await service.publish(Events, { id: '1', timestamp, message: 'Hello from the client' })
    print(`published to ${reports.filter(({ error }) => error === undefined).length} subscriber(s)`)
    // #endregion publish
  } finally {
    await service.close()
  }
}

/** Resolves when there is a node to call. */
async function found(service: Service, name: string): Promise<void> {
  const nodes = service.discover(name).pipe(
    filter(({ length }) => length > 0),
    timeout(5_000),
  )
  await firstValueFrom(nodes).catch((cause: unknown) => {
    throw new ServiceError('not_found', `no ${name} was found; start one with: npm run greeter`, { cause })
  })
}

await runExample(import.meta.url, main)
