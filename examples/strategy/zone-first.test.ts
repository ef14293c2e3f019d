import fc from 'fast-check'
import { describe, it } from 'vitest'
import { proveStrategy } from 'headrace/conformance'
import { zoneFirst } from './zone-first.js'

proveStrategy({ describe, it }, fc, 'zone first', () => zoneFirst('a'))
