import { createService, work, type Service } from 'headrace'
import type { Example } from '../run-example.js'
import { Events } from './events.js'
import { Greeter } from './greeter.headrace.js'

/** The flags of the greeter beside those of every service. */
export const flags = {
  run_client: { kind: 'switch', help: 'Call a running greeter once and exit' },
} as const

/** The greeter: one call, two streams, one topic. */
export function createGreeter({ print, options }: Example): Service<typeof flags> {
  const service = createService({ name: 'greeter', flags, ...options() })
  // #region handlers
  service.handle(Greeter, {
    hello: ({ name }) => ({ greeting: `Hello ${name}` }),
    stream: requests => requests.pipe(work(({ count }) => ({ count }))),
    serverStream: function* ({ count }) {
      for (let n = 0n; n < count; n += 1n) yield { count: n }
    },
  })
  // #endregion handlers
  // #region subscriber
  service.subscribe(Events, ({ message }) => print(`Received event: ${message}`))
  // #endregion subscriber
  return service
}
