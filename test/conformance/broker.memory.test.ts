import { describe, it } from 'vitest'
import { memoryBrokerSubjects } from '../support/memory-broker.js'
import { proveBroker } from './broker.suite.js'

proveBroker({ describe, it }, 'the memory broker', memoryBrokerSubjects())
