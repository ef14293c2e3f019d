import type { Transport } from 'headrace/streams'
import type { ExchangeSubject } from '../conformance/exchange.suite.js'
import type { Subjects } from '../conformance/law.js'
import { createMemoryNetwork } from './memory-network.js'
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
