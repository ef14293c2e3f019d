import { describe, it } from 'vitest'
import { memoryRegistrySubjects } from '../support/memory-registry.js'
import { proveRegistry } from './registry.suite.js'

proveRegistry({ describe, it }, 'the memory registry', memoryRegistrySubjects())
