import { fileURLToPath } from 'node:url'
import { Server, ServerCredentials, credentials, loadPackageDefinition, type Client } from '@grpc/grpc-js'
import type {
  ClientDuplexStream,
  ClientReadableStream,
  ServerDuplexStream,
  ServerWritableStream,
  ServiceClientConstructor,
} from '@grpc/grpc-js'
import { loadSync } from '@grpc/proto-loader'
import { hundredBytes, type Peer, type PeerClient } from './peer.js'

interface Text {
  text: string
}

type Answer<R> = (error: Error | null, value?: R) => void

/** The generated-at-run-time client of bench.proto, as far as it is used. */
interface BenchClient extends Client {
  hello(request: { name: string }, answer: Answer<{ greeting: string }>): void
  echo(request: { payload: string }, answer: Answer<unknown>): void
  texts(request: { count: number }): ClientReadableStream<Text>
  echoes(): ClientDuplexStream<Text, Text>
}

/** grpc-js, protobuf over HTTP/2. */
export const grpc: Peer = {
  about: 'grpc-js, protobuf, one channel',

  async serve() {
    const server = new Server()
    server.addService(benchService().service, {
      hello: ({ request }: { request: { name: string } }, answer: Answer<unknown>) =>
        answer(null, { greeting: `Hello ${request.name}` }),
      echo: ({ request }: { request: unknown }, answer: Answer<unknown>) => answer(null, request),
      texts: (call: ServerWritableStream<{ count: number }, Text>) =>
        void sendTexts(call, call.request.count),
      echoes: echo,
      echoesIterated: echo,
    })
    const port = await new Promise<number>((resolve, reject) => {
      server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
        error ? reject(error) : resolve(bound),
      )
    })
    return { address: `127.0.0.1:${port}`, close: async () => server.forceShutdown() }
  },

  async connect(_, address) {
    const Bench = benchService()
    return clientOf(new Bench(address, credentials.createInsecure()) as unknown as BenchClient)
  },
}

function clientOf(client: BenchClient): PeerClient {
  return {
    call: name => promised(answer => client.hello({ name }, answer)),
    echo: payload => promised(answer => client.echo({ payload }, answer)),
    serverStream: count => received(client.texts({ count })),
    async bidi(count) {
      const call = client.echoes()
      const done = received(call)
      await sendTexts(call, count)
      return done
    },
    openStreams: count =>
      Promise.all(
        Array.from({ length: count }, () => {
          const call = client.echoes()
          call.on('error', () => undefined) // the end of the process ends them
          call.write({ text: hundredBytes })
          return new Promise(began => call.once('data', began))
        }),
      ),
    close: async () => client.close(),
  }
}

function benchService(): ServiceClientConstructor {
  const path = fileURLToPath(new URL('../bench.proto', import.meta.url))
  const { bench } = loadPackageDefinition(loadSync(path)) as unknown as {
    bench: { Bench: ServiceClientConstructor }
  }
  return bench.Bench
}

function promised<R>(ask: (answer: Answer<R>) => void): Promise<R> {
  return new Promise((resolve, reject) =>
    ask((error, value) => (error ? reject(error) : resolve(value as R))),
  )
}

async function sendTexts(
  call: ServerWritableStream<unknown, Text> | ClientDuplexStream<Text, Text>,
  count: number,
): Promise<void> {
  for (let sent = 0; sent < count; sent += 1) {
    if (!call.write({ text: hundredBytes })) await new Promise<void>(ready => call.once('drain', ready))
  }
  call.end()
}

function echo(call: ServerDuplexStream<Text, Text>): void {
  call.on('data', (text: Text) => {
    if (call.write(text)) return
    call.pause()
    call.once('drain', () => call.resume())
  })
  call.on('end', () => call.end())
}

function received(call: ClientReadableStream<Text>): Promise<number> {
  let count = 0
  return new Promise((resolve, reject) => {
    call
      .on('data', () => (count += 1))
      .on('end', () => resolve(count))
      .on('error', reject)
  })
}
