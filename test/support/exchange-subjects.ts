import type { Transport } from 'headrace/streams'
import type { HttpTlsOptions } from '../../src/adapters/transport/http.js'
import { proveExchange, type ExchangeSubject } from '../conformance/exchange.suite.js'
import type { Subjects, TestRunner } from '../conformance/law.js'
import { createMemoryNetwork } from './memory-network.js'
import { serverTls } from './transport-subjects.js'
import { typedDefinition, untypedDefinition } from './test-definition.js'

const definitions = {
  'application/json': untypedDefinition,
  'application/json-rpc': typedDefinition,
  'application/protobuf': typedDefinition,
  'application/proto-rpc': typedDefinition,
  'application/octet-stream': typedDefinition,
} as const

type ClosingSubject = ExchangeSubject & { close(): Promise<void> }

/** A subject for each Content-Type over one transport; `transport` makes one for each service, `plant` spoils a subject. */
export function exchangeCases(
  transport?: () => Transport,
  plant: (subject: ExchangeSubject) => ExchangeSubject = subject => subject,
): readonly { contentType: string; subjects: Subjects<ExchangeSubject> }[] {
  return Object.entries(definitions).map(([contentType, definition]) => ({
    contentType,
    subjects: {
      features: {},
      setup: (): ClosingSubject => {
        const network = createMemoryNetwork(transport)
        const subject: ExchangeSubject = {
          definition,
          contentType,
          makeService: (name, middleware) =>
            network.makeService(name, middleware === undefined ? {} : { middleware }),
        }
        return { ...plant(subject), close: () => network.close() }
      },
      teardown: subject => (subject as ClosingSubject).close(),
    },
  }))
}

/** Proves client with server over a wire in every Content-Type, and with TLS in one of each envelope: the bytes inside are the same. */
export function proveExchangeOver(
  runner: TestRunner,
  wire: string,
  transport: (options: { readonly tls?: HttpTlsOptions }) => Transport,
): void {
  for (const { contentType, subjects } of exchangeCases(() => transport({}))) {
    proveExchange(runner, `client with server over ${wire}, ${contentType}`, subjects)
  }
  for (const { contentType, subjects } of exchangeCases(() => transport({ tls: serverTls() }))) {
    if (!['application/json', 'application/protobuf'].includes(contentType)) continue
    proveExchange(runner, `client with server over ${wire} with TLS, ${contentType}`, subjects)
  }
}
