import { describe, it } from 'vitest'
import { ws } from 'headrace/adapters/transport/ws'
import { clientTls, fastLaneSubjects, serverTls } from '../support/transport-subjects.js'
import { proveTransport } from './transport.suite.js'

const server = { tls: { ...serverTls(), requireClientCertificate: true } }
const client = { tls: clientTls() }

proveTransport({ describe, it }, 'the ws transport', fastLaneSubjects(ws))
proveTransport({ describe, it }, 'the ws transport with mutual TLS', fastLaneSubjects(ws, server, client))
