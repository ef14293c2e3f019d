import { describe, expect, it, test } from 'vitest'
import type { ServiceError } from 'headrace/streams'
import { zlibCompression } from '../../../../src/adapters/zlib-compression.js'
import { readHealthyNodes, readServiceNames } from '../../../../src/wire/consul/agent-answers.js'
import { readServiceTags } from '../../../../src/wire/consul/service-tags.js'
import { healthEntry } from '../../../support/fake-consul.js'

function read(body: unknown) {
  const faults: ServiceError[] = []
  const reader = {
    compression: zlibCompression('consul', 1_024),
    onFault: (error: ServiceError) => faults.push(error),
  }
  return { nodes: readHealthyNodes(body, 'w', reader), faults, reader }
}

const ids = (body: unknown) => read(body).nodes.flatMap(({ nodes }) => nodes.map(({ id }) => id))

describe('the answers of an agent', () => {
  test('critical nodes are left out, warning ones stay', () => {
    const entries = ['passing', 'warning', 'critical'].map(status => healthEntry('w', status, { status }))
    expect(ids(entries)).toEqual(['passing', 'warning'])
  })

  test('a service without a version tag is none of ours', () => {
    expect(ids([healthEntry('w', 'foreign', { tags: ['primary'] })])).toEqual([])
    expect(readServiceNames({ w: ['v=1'], consul: [], web: ['primary'], a: ['x', 'v-00'] })).toEqual([
      'a',
      'w',
    ])
  })

  test.each([
    [{ Address: '10.0.0.1', Port: 80 }, '10.0.0.1:80'],
    [{ Address: '::1', Port: 80 }, '[::1]:80'],
    [{ Address: '', Port: 80 }, '10.9.9.9:80'],
    [{ Address: '10.0.0.1', Port: 0 }, '10.0.0.1'],
    [{ Address: '10.0.0.1:81', Port: 0 }, '10.0.0.1:81'],
    [{ Address: '10.0.0.1:81', Port: 81 }, '10.0.0.1:81'],
    [{ Address: '[::1]:81', Port: 81 }, '[::1]:81'],
  ])('%o is at %s', (place, address) => {
    const entry = {
      Node: { Address: '10.9.9.9' },
      Service: { ID: 'a', Service: 'w', Tags: ['v=1'], ...place },
      Checks: null,
    }
    expect(read([entry]).nodes[0]?.nodes[0]?.address).toBe(address)
  })

  test.each([[{}], [null], ['text'], [7]])('%o in the place of a list is unavailable', body => {
    expect(() => read(body)).toThrow(/no list/)
  })

  test.each([[[]], [null], ['text'], [7]])('%o in the place of the services is unavailable', body => {
    expect(() => readServiceNames(body)).toThrow(/no object/)
  })

  it.each([
    [null],
    [1],
    [{}],
    [{ Service: null }],
    [{ Service: { ID: 7, Service: 'w', Tags: ['v=1'] } }],
    [{ Service: { ID: 'a', Service: 'w', Tags: 'v=1', Address: 'h' } }],
    [{ Service: { ID: 'a', Service: 'w', Tags: ['v=1'], Address: 5 }, Node: 3 }],
  ])('%o among the entries is left out', entry => {
    expect(ids([entry, healthEntry('w', 'b')])).toEqual(['b'])
  })

  it('a tag that inflates beyond the limit is left out, and told', () => {
    const bomb = Buffer.from(zlibCompression('test', 1).deflate(Buffer.alloc(100_000, 0x20))).toString('hex')
    const { nodes, faults } = read([healthEntry('w', 'a', { tags: ['v=1', `t-${bomb}`, 't={"a":"b"}'] })])
    expect(nodes[0]?.nodes[0]?.metadata).toEqual({})
    expect(faults.map(({ message }) => message)).toEqual([expect.stringContaining('maxTextBytes')])
  })

  it('a key that JavaScript has a meaning for is a key like any other', () => {
    const { reader } = read([])
    const tags = readServiceTags(['v=1', 't={"__proto__":"x"}'], reader)
    expect(Object.entries(tags?.metadata ?? {})).toEqual([['__proto__', 'x']])
  })
})
