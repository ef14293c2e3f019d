import { describe, it } from 'vitest'
import { http } from 'headrace/adapters/transport/http'
import {
  clientTls,
  fastLaneSubjects,
  httpTransportSubjects,
  serverTls,
} from '../support/transport-subjects.js'
import { proveTransport } from './transport.suite.js'

const server = { tls: { ...serverTls(), requireClientCertificate: true } }
const client = { tls: clientTls() }

proveTransport({ describe, it }, 'the http transport', httpTransportSubjects())
proveTransport({ describe, it }, 'the http transport with mutual TLS', httpTransportSubjects(server, client))
proveTransport({ describe, it }, 'the fast lane', fastLaneSubjects(http))
proveTransport({ describe, it }, 'the fast lane with mutual TLS', fastLaneSubjects(http, server, client))
