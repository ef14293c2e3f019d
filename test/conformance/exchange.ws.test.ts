import { describe, it } from 'vitest'
import { ws } from 'headrace/adapters/transport/ws'
import { proveExchangeOver } from '../support/exchange-subjects.js'

proveExchangeOver({ describe, it }, 'WebSockets', tls => ws({ ...tls }))
