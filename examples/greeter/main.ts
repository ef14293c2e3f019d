import { runExample, type ExampleOptions } from '../run-example.js'
import { Greeter } from './definition.js'
import { createGreeter } from './service.js'

/** Runs the greeter until it is told to stop; with `--run_client` calls one that runs elsewhere. */
export async function main({ print, signal, ...options }: ExampleOptions): Promise<void> {
  const service = createGreeter(options, print)
  if (service.flags.run_client !== true) return service.run(signal === undefined ? {} : { signal })
  try {
    const greeter = service.client(Greeter, service.name)
    const { greeting } = await greeter.hello({ name: 'John' })
    print(greeting)
  } finally {
    await service.close()
  }
}

await runExample(import.meta.url, main)
