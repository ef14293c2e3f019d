import { createTransportHub, memory } from 'headrace/adapters/transport/memory'
import { describe, it } from 'vitest'
import { exchangeCases } from '../support/exchange-subjects.js'
import { proveExchange } from './exchange.suite.js'

for (const { contentType, subjects } of exchangeCases()) {
  proveExchange({ describe, it }, `client with server over memory, ${contentType}`, subjects)
}

const hub = createTransportHub()
for (const { contentType, subjects } of exchangeCases(() => memory({ hub, callsPerLink: 1 }))) {
  const title = `client with server over memory, one call on a link, ${contentType}`
  proveExchange({ describe, it }, title, subjects)
}
