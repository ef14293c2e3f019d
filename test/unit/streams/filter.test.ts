import { describe, expect, it } from 'vitest'
import {
  all,
  any,
  byEndpoint,
  byLabel,
  byVersion,
  byZone,
  flattenNodes,
  not,
  type Filter,
} from 'headrace/streams'

const hello = { name: 'Greeter.Hello', request: undefined, response: undefined, metadata: {} }
const nodes = flattenNodes([
  {
    name: 'greeter',
    version: '1.0',
    metadata: {},
    endpoints: [],
    nodes: [
      { id: 'a', address: '127.0.0.1:1', metadata: { zone: 'east' } },
      { id: 'b', address: '127.0.0.1:2', metadata: { zone: 'west', tier: '1' } },
    ],
  },
  {
    name: 'greeter',
    version: '2.0',
    metadata: {},
    endpoints: [hello],
    nodes: [{ id: 'c', address: '127.0.0.1:3', metadata: {} }],
  },
])

describe('filters', () => {
  const table: readonly [string, Filter, string][] = [
    ['byVersion is exact', byVersion('1.0'), 'ab'],
    ['byVersion of an unknown version', byVersion('1'), ''],
    ['byLabel', byLabel('tier', '1'), 'b'],
    ['byLabel of a name that every object has', byLabel('constructor', 'x'), ''],
    ['byZone reads the label zone', byZone('east'), 'a'],
    ['byEndpoint', byEndpoint('Greeter.Hello'), 'c'],
    ['all', all(byVersion('1.0'), byZone('west')), 'b'],
    ['all of nothing', all(), 'abc'],
    ['any', any(byZone('east'), byVersion('2.0')), 'ac'],
    ['any of nothing', any(), ''],
    ['not', not(byZone('east')), 'bc'],
    ['any function', node => node.address.endsWith(':2'), 'b'],
  ]
  it.each(table)('%s', (_, filter, ids) => {
    const passing = nodes.filter(filter).map(({ id }) => id)
    expect(passing.join('')).toBe(ids)
  })
})
