import { setTimeout as sleep } from 'node:timers/promises'
import { createService } from 'headrace'
import { runExample, type Example } from '../run-example.js'

// #region flags
/** Flags of the program's own, beside those of every service: `--help` shows both, unknown ones are errors. */
const flags = {
  greeting: { kind: 'text', help: 'How to greet. Default: Hello', env: 'GREETING' },
  times: { kind: 'count', help: 'How often. Default: 3' },
  pause: { kind: 'duration', help: 'How long to wait in between, such as 500ms. Default: none' },
  loud: { kind: 'switch', help: 'Shout' },
} as const
// #endregion flags

/** Prints what the flags of its command line and its environment say. The types of the values follow from the kinds. */
export async function main({ print, options }: Example): Promise<void> {
  // #region values
  const service = createService({ name: 'flags', flags, ...options() })
  const { greeting = 'Hello', times = 3, pause = 0, loud = false } = service.flags
  for (let n = 1; n <= times; n += 1) {
    print(loud ? `${greeting.toUpperCase()}!` : `${greeting}.`)
    await sleep(pause) // milliseconds, whatever the unit on the command line
  }
  // #endregion values
  await service.close()
}

await runExample(import.meta.url, main)
