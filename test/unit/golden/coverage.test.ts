import { describe, expect, it } from 'vitest'
import { deliberateDifferences } from '../../support/deliberate-differences.js'
import { goldenSource, goldenSources, namesVector, vectorKeys } from '../../support/golden-sources.js'

const sources = goldenSources()
const keys = vectorKeys()

describe('no vector is forgotten', () => {
  it('there are vectors and golden tests', () => {
    expect(keys.length).toBeGreaterThan(150)
    expect(sources.length).toBeGreaterThan(10)
  })

  it('every vector is named by a golden test', () => {
    expect(keys.filter(key => !sources.some(source => namesVector(source, key)))).toEqual([])
  })

  it('every exchange is played with a server or a client of ours, not only framed', () => {
    const played = sources.filter(({ path }) => /-(server|client)\.golden/.test(path))
    const exchanges = keys.filter(key => /^(2017|v118)-http-(unary|stream)\//.test(key))
    expect(exchanges.filter(key => !played.some(source => namesVector(source, key)))).toEqual([])
  })

  it('every deliberate difference is one of a vector, with a reason', () => {
    const known = new Set<string>(keys)
    expect(Object.keys(deliberateDifferences).filter(key => !known.has(key))).toEqual([])
    expect(Object.entries(deliberateDifferences).filter(([, reason]) => !reason.endsWith('.'))).toEqual([])
  })

  it('every deliberate difference is looked at by a test of its vector', () => {
    const looking = sources.filter(({ identifiers }) => identifiers.has('deliberateDifferences'))
    const unused = Object.keys(deliberateDifferences).filter(
      key => !looking.some(source => namesVector(source, key)),
    )
    expect(unused).toEqual([])
  })
})

describe('the proof itself', () => {
  const source = goldenSource(
    'planted.golden.test.ts',
    `
    // 'in-a-comment'
    it.each(["in-a-table", 'it\\'s'])('%s', name => expect(vector('2017-planted', name)))
    it('in-a-title', () => undefined)
  `,
  )

  it.each(['in-a-table', "it's"])('sees the name %s', name => {
    expect(namesVector(source, `2017-planted/${name}`)).toBe(true)
  })

  it.each(['in-a-comment', 'in-a-title', 'nowhere'])('does not see the name %s', name => {
    expect(namesVector(source, `2017-planted/${name}`)).toBe(false)
  })

  it('asks for the file as well', () => {
    expect(namesVector(source, '2017-other/in-a-table')).toBe(false)
  })
})
