import { once } from 'node:events'
import { createServer, type ServerHttp2Session } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { create, createFileRegistry, fromBinary, type Message } from '@bufbuild/protobuf'
import type { GenMessage, GenService } from '@bufbuild/protobuf/codegenv2'
import { FileDescriptorProtoSchema, FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt'
import { createClient, type ConnectRouter } from '@connectrpc/connect'
import { connectNodeAdapter, createConnectTransport } from '@connectrpc/connect-node'
import { loadSync } from '@grpc/proto-loader'
import { hundredBytes, type Peer } from './peer.js'

type Method<K, I, O> = { methodKind: K; input: GenMessage<I & Message>; output: GenMessage<O & Message> }
type Text = { text: string }

/** What code generated from bench.proto would export. */
type Bench = GenService<{
  hello: Method<'unary', { name: string }, { greeting: string }>
  echo: Method<'unary', { payload: string }, { payload: string }>
  texts: Method<'server_streaming', { count: number }, Text>
  echoes: Method<'bidi_streaming', Text, Text>
  echoesIterated: Method<'bidi_streaming', Text, Text>
}>

/** Connect's own protocol with protobuf, over HTTP/2. */
export const connect: Peer = {
  about: 'Connect, its own protocol with protobuf over HTTP/2',

  async serve() {
    const routes = (router: ConnectRouter) => {
      router.service(bench(), {
        hello: ({ name }) => ({ greeting: `Hello ${name}` }),
        echo: ({ payload }) => ({ payload }),
        async *texts({ count }) {
          for (let sent = 0; sent < count; sent += 1) yield { text: hundredBytes }
        },
        echoes,
        echoesIterated: echoes,
      })
    }
    const sessions = new Set<ServerHttp2Session>()
    const server = createServer(connectNodeAdapter({ routes }))
    server.on('session', session => sessions.add(session.on('close', () => sessions.delete(session))))
    await once(server.listen(0, '127.0.0.1'), 'listening')
    const { port } = server.address() as AddressInfo
    return {
      address: `http://127.0.0.1:${port}`,
      close: async () => {
        for (const session of sessions) session.destroy()
        await new Promise(done => server.close(done))
      },
    }
  },

  async connect(_, baseUrl) {
    const client = createClient(bench(), createConnectTransport({ baseUrl, httpVersion: '2' }))
    return {
      call: name => client.hello({ name }),
      echo: payload => client.echo({ payload }),
      serverStream: count => received(client.texts({ count })),
      bidi: count => received(client.echoes(texts(count))),
      close: async () => undefined,
    }
  },
}

function bench(): Bench {
  const loaded = loadSync(fileURLToPath(new URL('../bench.proto', import.meta.url)))['bench.Text']
  if (loaded === undefined || !('fileDescriptorProtos' in loaded)) throw new Error('bench.proto has no Text')
  const file = (loaded.fileDescriptorProtos as Buffer[]).map(bytes =>
    fromBinary(FileDescriptorProtoSchema, bytes),
  )
  const service = createFileRegistry(create(FileDescriptorSetSchema, { file })).getService('bench.Bench')
  if (service === undefined) throw new Error('bench.proto has no Bench')
  return service as unknown as Bench
}

async function* texts(count: number): AsyncGenerator<Text> {
  for (let sent = 0; sent < count; sent += 1) yield { text: hundredBytes }
}

async function* echoes(requests: AsyncIterable<Text>): AsyncGenerator<Text> {
  for await (const { text } of requests) yield { text }
}

async function received(messages: AsyncIterable<unknown>): Promise<number> {
  let count = 0
  for await (const _ of messages) count += 1
  return count
}
