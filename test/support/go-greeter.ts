import { takeWhile } from 'rxjs'
import { parseProto } from 'headrace/adapters/codec/proto-types'
import { ServiceError, type BidiHandler, type EndpointDefinition } from 'headrace/streams'
import type { MemoryNetwork } from './memory-network.js'

interface Name {
  readonly name: string
}
interface Greeting {
  readonly greeting: string
}
interface Count {
  readonly count: bigint
}
interface Headers {
  readonly headers: Readonly<Record<string, string>>
}
type Empty = Readonly<Record<never, never>>

type GoGreeterDefinition = {
  readonly hello: EndpointDefinition<Name, Greeting, 'unary'>
  readonly fail: EndpointDefinition<Name, Greeting, 'unary'>
  readonly plain: EndpointDefinition<Name, Greeting, 'unary'>
  readonly meta: EndpointDefinition<Name, Headers, 'unary'>
  readonly void: EndpointDefinition<Empty, Empty, 'unary'>
  readonly stream: EndpointDefinition<Count, Count, 'bidi'>
  readonly serverStream: EndpointDefinition<Count, Count, 'serverStream'>
  readonly streamFail: EndpointDefinition<Count, Count, 'serverStream'>
}

const types = parseProto(`
  syntax = "proto3";
  service Greeter {
    rpc Hello (HelloRequest) returns (HelloResponse);
    rpc Fail (HelloRequest) returns (HelloResponse);
    rpc Plain (HelloRequest) returns (HelloResponse);
    rpc Meta (HelloRequest) returns (MetaResponse);
    rpc Void (Empty) returns (Empty);
    rpc Stream (stream Count) returns (stream Count);
    rpc ServerStream (Count) returns (stream Count);
    rpc StreamFail (Count) returns (stream Count);
  }
  message HelloRequest { string name = 1; }
  message HelloResponse { string greeting = 2; }
  message MetaResponse { map<string, string> headers = 1; }
  message Empty {}
  message Count { int64 count = 1; }
`)

/** The endpoints of the Go program that the http vectors were captured from. */
export const GoGreeter = types.service<GoGreeterDefinition>('Greeter')

const echoUntilMinusOne: BidiHandler<Count, Count> = requests =>
  requests.pipe(takeWhile(({ count }) => count !== -1n))

/** A service with the handlers of that program. */
export function makeGoGreeter(network: MemoryNetwork) {
  const service = network.makeService('greeter')
  service.handle(GoGreeter, {
    hello: ({ name }) => ({ greeting: `Hello ${name}` }),
    fail: ({ name }) => {
      throw new ServiceError('bad_request', `boom ${name}`, { id: 'go.micro.srv.greeter' })
    },
    plain: ({ name }) => {
      throw new Error(`plain failure ${name}`)
    },
    meta: (_, { metadata }) => ({ headers: metadata }),
    void: () => ({}),
    stream: echoUntilMinusOne,
    serverStream: function* ({ count }) {
      for (let sent = 0n; sent < count; sent += 1n) yield { count: sent }
    },
    streamFail: function* ({ count }) {
      yield { count }
      throw new ServiceError('internal', 'stream broke', { id: 'go.micro.srv.greeter' })
    },
  })
  return service
}
