import { describe, expect, it } from 'vitest'
import { redelivered } from '../support/broker-plants.js'
import { subscribing } from '../support/broker-wraps.js'
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
    const others = brokerLaws.filter(({ needs }) => needs !== 'redelivery')
    const proven = others.filter(({ name }) => brokerFaults.some(([law]) => name.startsWith(law)))
    expect(proven).toEqual(others)
  })

  it('see that a broker redelivers, and that another only says so', async () => {
    const features = { loss: true, redelivery: true, nacks: false }
    const law = brokerLaws.filter(({ needs }) => needs === 'redelivery')
    const boasting = await brokenLaws(law, { ...memoryBrokerSubjects(), features })
    expect([...boasting.keys()]).toEqual(['a nacked message is delivered again'])
    const redelivering = { ...memoryBrokerSubjects(() => subscribing(redelivered)), features }
    expect(await brokenLaws(brokerLaws, redelivering)).toEqual(new Map())
  })
})
