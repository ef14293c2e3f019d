import { describe, it } from 'vitest'
import { http } from 'headrace/adapters/transport/http'
import { exchangeCases } from '../support/exchange-subjects.js'
import { serverTls } from '../support/transport-subjects.js'
import { proveExchange } from './exchange.suite.js'

for (const [wire, fastLane] of [
  ['http', false],
  ['the fast lane', true],
] as const) {
  const plain = exchangeCases(() => http({ fastLane }))
  // The bytes inside TLS are the same: one content type of each envelope shows that.
  const withTls = exchangeCases(() => http({ fastLane, tls: serverTls() })).filter(({ contentType }) =>
    ['application/json', 'application/protobuf'].includes(contentType),
  )
  for (const { contentType, subjects } of plain) {
    proveExchange({ describe, it }, `client with server over ${wire}, ${contentType}`, subjects)
  }
  for (const { contentType, subjects } of withTls) {
    proveExchange({ describe, it }, `client with server over ${wire} with TLS, ${contentType}`, subjects)
  }
}
