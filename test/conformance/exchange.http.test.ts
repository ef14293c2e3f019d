import { describe, it } from 'vitest'
import { http } from 'headrace/adapters/transport/http'
import { exchangeCases } from '../support/exchange-subjects.js'
import { serverTls } from '../support/transport-subjects.js'
import { proveExchange } from './exchange.suite.js'

const plain = exchangeCases(() => http())
// The bytes inside TLS are the same: one content type of each envelope shows that.
const withTls = exchangeCases(() => http({ tls: serverTls() })).filter(({ contentType }) =>
  ['application/json', 'application/protobuf'].includes(contentType),
)

for (const { contentType, subjects } of plain) {
  proveExchange({ describe, it }, `client with server over http, ${contentType}`, subjects)
}
for (const { contentType, subjects } of withTls) {
  proveExchange({ describe, it }, `client with server over http with TLS, ${contentType}`, subjects)
}
