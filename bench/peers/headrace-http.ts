import { createService, defineService, rpc, type Flow, type Service } from 'headrace'
import { hundredBytes, type Peer, type PeerClient, type Run } from './peer.js'

interface Text {
  text: string
}

const Bench = defineService('Bench', {
  hello: rpc.unary<{ name: string }, { greeting: string }>(),
  echo: rpc.unary<{ payload: string }, { payload: string }>(),
  texts: rpc.serverStream<{ count: number }, Text>(),
  echoes: rpc.bidi<Text, Text>(),
})

/** Both ends of this project as a user has them: defaults, multicast DNS on the loopback interface, the http transport and broker. */
export const headraceHttp: Peer = {
  about: 'headrace, http transport and broker, JSON, multicast DNS',

  async serve(run) {
    const service = serviceOf(run, 'server')
    service.handle(Bench, {
      hello: ({ name }) => ({ greeting: `Hello ${name}` }),
      echo: request => request,
      texts: function* ({ count }) {
        for (let sent = 0; sent < count; sent += 1) yield { text: hundredBytes }
      },
      // A generator is pulled, so a client that sends faster than it reads is slowed down.
      echoes: async function* (requests) {
        yield* requests
      },
    })
    subscribeTimes(service, run, 1)
    subscribeTimes(service, run, 8)
    await service.start()
    return { address: service.address ?? '', close: () => service.close({ lingerMs: 0 }) }
  },

  async connect(run) {
    const service = serviceOf(run, 'client')
    return clientOf(service, run)
  },
}

function clientOf(service: Service, run: Run): PeerClient {
  const client = service.client(Bench, `${run.name}-server`)
  return {
    call: name => client.hello({ name }),
    echo: payload => client.echo({ payload }),
    serverStream: count => received(client.texts({ count })),
    bidi: count => received(client.echoes(texts(count))),
    publish: subscribers => service.publish(topicOf(run, subscribers), { text: hundredBytes }),
    connections: () => openConnections(service),
    close: () => service.close({ lingerMs: 0 }),
  }
}

function subscribeTimes(service: Service, run: Run, subscribers: 1 | 8): void {
  const options = { concurrency: 64 }
  for (let added = 0; added < subscribers; added += 1) {
    service.subscribe(topicOf(run, subscribers), () => undefined, { ...options, name: `subscriber-${added}` })
  }
}

function topicOf(run: Run, subscribers: 1 | 8): string {
  return `${run.name}-to-${subscribers}`
}

function serviceOf(run: Run, role: string): Service {
  return createService({
    name: `${run.name}-${role}`,
    address: '127.0.0.1:0',
    argv: ['--registry_address=127.0.0.1', '--broker_address=127.0.0.1:0'],
    env: {},
    log: false,
  })
}

function* texts(count: number): Generator<Text> {
  for (let sent = 0; sent < count; sent += 1) yield { text: hundredBytes }
}

function received(messages: Flow<unknown>): Promise<number> {
  let count = 0
  return new Promise((resolve, reject) => {
    messages.subscribe({ next: () => (count += 1), error: reject, complete: () => resolve(count) })
  })
}

function openConnections(service: Service): Promise<number> {
  return new Promise((resolve, reject) => {
    const subscription = service.stats.subscribe({
      next: ({ connections }) => {
        resolve(connections.reduce((sum, { links, dialling }) => sum + links + dialling, 0))
        queueMicrotask(() => subscription.unsubscribe())
      },
      error: reject,
    })
  })
}
