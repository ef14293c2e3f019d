import { describe, expect, it } from 'vitest'
import { exchangeFaults } from '../support/exchange-faults.js'
import { exchangeCases } from '../support/exchange-subjects.js'
import { exchangeLaws } from './exchange.suite.js'
import { brokenLaws } from './law.js'

describe('the laws of client with server', () => {
  it.concurrent.each(exchangeFaults)(
    "'%s …' is broken by a runtime that %s, and no other is",
    async (law, _, plant) => {
      const [planted] = exchangeCases(undefined, plant)
      if (planted === undefined) throw new Error('there is no subject')
      const broken = await brokenLaws(exchangeLaws, planted.subjects)
      expect([...broken.keys()].map(name => name.slice(0, law.length))).toEqual([law])
    },
  )

  it('each have a fault that breaks them', () => {
    const proven = exchangeLaws.filter(({ name }) => exchangeFaults.some(([law]) => name.startsWith(law)))
    expect(proven).toEqual(exchangeLaws)
  })
})
