import { describe, expect, it } from 'vitest'
import { transportFaults } from '../support/transport-faults.js'
import { plantInto } from '../support/transport-plants.js'
import { memoryTransportSubjects } from '../support/transport-subjects.js'
import { brokenLaws } from './law.js'
import { transportLaws } from './transport.suite.js'

describe('the laws of a transport', () => {
  it.concurrent.each(transportFaults)(
    "'%s …' is broken by a transport that %s, and no other is",
    { timeout: 60_000 },
    async (law, _, plants) => {
      const subjects = memoryTransportSubjects(1, sound => plantInto(sound, plants))
      const broken = await brokenLaws(transportLaws, subjects)
      expect([...broken.keys()].map(name => name.slice(0, law.length))).toEqual([law])
    },
  )

  it('each have a fault that breaks them', () => {
    const proven = transportLaws.filter(({ name }) => transportFaults.some(([law]) => name.startsWith(law)))
    expect(proven).toEqual([...transportLaws])
  })
})
