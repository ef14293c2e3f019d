import { describe, it } from 'vitest'
import { createMemoryNetwork } from '../support/memory-network.js'
import { typedDefinition, untypedDefinition } from '../support/test-definition.js'
import { proveExchange, type ExchangeSubject } from './exchange.suite.js'

const cases = [
  ['application/json', untypedDefinition],
  ['application/json-rpc', typedDefinition],
  ['application/protobuf', typedDefinition],
  ['application/octet-stream', typedDefinition],
] as const

for (const [contentType, definition] of cases) {
  proveExchange({ describe, it }, `client with server over memory, ${contentType}`, {
    features: {},
    setup: (): ExchangeSubject & { close(): Promise<void> } => {
      const network = createMemoryNetwork()
      return {
        definition,
        contentType,
        makeService: (name, middleware) =>
          network.makeService(name, middleware === undefined ? {} : { middleware }),
        close: () => network.close(),
      }
    },
    teardown: subject => (subject as ExchangeSubject & { close(): Promise<void> }).close(),
  })
}
