import { describe, it } from 'vitest'
import { http } from 'headrace/adapters/transport/http'
import { proveExchangeOver } from '../support/exchange-subjects.js'

proveExchangeOver({ describe, it }, 'http', tls => http({ fastLane: false, ...tls }))
proveExchangeOver({ describe, it }, 'the fast lane', tls => http({ ...tls }))
