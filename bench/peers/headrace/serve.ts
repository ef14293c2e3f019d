import type { Service } from 'headrace'
import { hundredBytes, type Run, type Subscribers } from '../peer.js'
import type { Definitions } from './definitions.js'

/** The handlers and the subscribers. */
export function handleAll(service: Service, definitions: Definitions, run: Run): void {
  service.handle(definitions.bench, {
    hello: ({ name }) => ({ greeting: `Hello ${name}` }),
    echo: request => request,
    texts: function* ({ count }) {
      for (let sent = 0; sent < count; sent += 1) yield { text: hundredBytes }
    },
    echoes: requests => requests,
    echoesIterated: async function* (requests) {
      yield* requests
    },
  })
  subscribeTimes(service, definitions, run, 1)
  subscribeTimes(service, definitions, run, 8)
}

function subscribeTimes(service: Service, { topic }: Definitions, run: Run, subscribers: Subscribers): void {
  for (let added = 0; added < subscribers; added += 1) {
    const options = { concurrency: 64, name: `subscriber-${added}` }
    service.subscribe(topic(run, subscribers), () => undefined, options)
  }
}
