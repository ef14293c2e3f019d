import { describe, it } from 'vitest'
import { memoryTransportSubjects } from '../support/transport-subjects.js'
import { proveTransport } from './transport.suite.js'

proveTransport({ describe, it }, 'the memory transport', memoryTransportSubjects())
proveTransport({ describe, it }, 'the memory transport, eight calls on a link', memoryTransportSubjects(8))
