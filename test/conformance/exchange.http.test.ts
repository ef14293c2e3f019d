import { describe, it } from 'vitest'
import { http } from 'headrace/adapters/transport/http'
import { exchangeCases } from '../support/exchange-subjects.js'
import { serverTls } from '../support/transport-subjects.js'
import { proveExchange } from './exchange.suite.js'

const transports = {
  http: () => http(),
  'http with TLS': () => http({ tls: serverTls() }),
}

for (const [name, transport] of Object.entries(transports)) {
  for (const { contentType, subjects } of exchangeCases(transport)) {
    proveExchange({ describe, it }, `client with server over ${name}, ${contentType}`, subjects)
  }
}
