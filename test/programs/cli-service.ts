import { createService, work } from 'headrace'
import { parseProto } from 'headrace/adapters/codec/proto-types'
import type { EndpointDefinition } from 'headrace/streams'

/** What the transcripts of the command talk to: a service with types, a stream of each kind, and a topic named by TOPIC. */
interface Count {
  readonly count: bigint
}
type GreeterDefinition = {
  hello: EndpointDefinition<{ name: string }, { greeting: string }, 'unary'>
  refuse: EndpointDefinition<Record<never, never>, Record<never, never>, 'unary'>
  echo: EndpointDefinition<Count, Count, 'bidi'>
  count: EndpointDefinition<Count, Count, 'serverStream'>
}

const types = parseProto(`
  syntax = "proto3";
  package greeter;
  service Greeter {
    rpc Hello(HelloRequest) returns (HelloResponse) {}
    rpc Refuse(Nothing) returns (Nothing) {}
    rpc Echo(stream Number) returns (stream Number) {}
    rpc Count(Number) returns (stream Number) {}
  }
  message HelloRequest { string name = 1; }
  message HelloResponse { string greeting = 1; }
  message Nothing {}
  message Number { int64 count = 1; }
  message Order { string id = 1; int64 total = 2; }
`)

const service = createService({ name: 'greeter' })
service.handle(types.service<GreeterDefinition>('Greeter'), {
  hello: ({ name }) => ({ greeting: `Hello ${name}` }),
  refuse: () => {
    throw new Error('not today')
  },
  echo: requests => requests.pipe(work(each => each)),
  count: function* ({ count }) {
    for (let n = 1n; n <= count; n += 1n) yield { count: n }
  },
})
service.subscribe(
  { topic: process.env['TOPIC'] ?? 'orders', type: types.type('Order') },
  event => console.log(`order ${(event as { id: string }).id}`),
  { name: 'book' },
)
await service.run()
