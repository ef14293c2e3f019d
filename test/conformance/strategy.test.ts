import fc from 'fast-check'
import { describe, it } from 'vitest'
import {
  leastConn,
  peakEwma,
  powerOfTwo,
  preferLabels,
  random,
  rendezvous,
  roundRobin,
} from 'headrace/streams'
import { proveStrategy } from './strategy.suite.js'

const runner = { describe, it }

proveStrategy(runner, fc, 'random', random, { spread: true })
proveStrategy(runner, fc, 'round robin', roundRobin, { spread: true, fair: true })
proveStrategy(runner, fc, 'least connections', leastConn, {
  spread: true,
  leastInFlight: true,
  prefersIdle: true,
})
proveStrategy(runner, fc, 'power of two', powerOfTwo, { spread: true, prefersIdle: true })
proveStrategy(runner, fc, 'peak EWMA', () => peakEwma(), { spread: true, prefersIdle: true })
proveStrategy(runner, fc, 'rendezvous', rendezvous, { spread: true, sticky: true })
proveStrategy(runner, fc, 'label preference', () => preferLabels({ key: 'zone', value: 'a' }))
