import { runExample, type Example } from '../run-example.js'
import { Greeter } from './greeter.headrace.js'
import { createGreeter } from './service.js'

/** Runs the greeter until it is told to stop; with `--run_client` calls one that runs elsewhere. */
export async function main(example: Example): Promise<void> {
  const service = createGreeter(example)
  const { signal, print } = example
  if (service.flags.run_client !== true) return service.run(signal === undefined ? {} : { signal })
  try {
    const { greeting } = await service.client(Greeter, service.name).hello({ name: 'John' })
    print(greeting)
  } finally {
    await service.close()
  }
}

await runExample(import.meta.url, main)
