import { describe, it } from 'vitest'
import {
  clientTls,
  fastLaneSubjects,
  httpTransportSubjects,
  serverTls,
} from '../support/transport-subjects.js'
import { proveTransport } from './transport.suite.js'

const mutualTls = httpTransportSubjects(
  { tls: { ...serverTls(), requireClientCertificate: true } },
  { tls: clientTls() },
)

proveTransport({ describe, it }, 'the http transport', httpTransportSubjects())
proveTransport({ describe, it }, 'the http transport with mutual TLS', mutualTls)
proveTransport({ describe, it }, 'the fast lane', fastLaneSubjects())
proveTransport(
  { describe, it },
  'the fast lane with mutual TLS',
  fastLaneSubjects({ tls: { ...serverTls(), requireClientCertificate: true } }, { tls: clientTls() }),
)
