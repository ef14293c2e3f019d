import { describe, expect, it } from 'vitest'
import { brokerFaults } from '../support/broker-faults.js'
import { memoryBrokerSubjects } from '../support/memory-broker.js'
import { brokerLaws } from './broker.suite.js'
import { brokenLaws } from './law.js'

describe('the laws of a broker', () => {
  it.concurrent.each(brokerFaults)(
    "'%s …' is broken by a broker that %s, and no other is",
    async (law, _, plant) => {
      const broken = await brokenLaws(brokerLaws, memoryBrokerSubjects(plant))
      expect([...broken.keys()].map(name => name.slice(0, law.length))).toEqual([law])
    },
  )

  it('each have a fault that breaks them', () => {
    const proven = brokerLaws.filter(({ name }) => brokerFaults.some(([law]) => name.startsWith(law)))
    expect(proven).toEqual([...brokerLaws])
  })
})
