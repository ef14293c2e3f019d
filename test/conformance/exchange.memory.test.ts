import { describe, it } from 'vitest'
import { exchangeCases } from '../support/exchange-subjects.js'
import { proveExchange } from './exchange.suite.js'

for (const { contentType, subjects } of exchangeCases()) {
  proveExchange({ describe, it }, `client with server over memory, ${contentType}`, subjects)
}
