import { expect, it } from 'vitest'
import { NodeTable, type ServiceRecord } from 'headrace/streams'

function record(
  version: string,
  ids: readonly string[],
  label = 'x',
  endpoints: readonly string[] = [],
): ServiceRecord {
  return {
    name: 'greeter',
    version,
    metadata: {},
    endpoints: endpoints.map(name => ({ name, request: undefined, response: undefined, metadata: {} })),
    nodes: ids.map(id => ({ id, address: '127.0.0.1:80', metadata: { label } })),
  }
}

const shown = (events: ReturnType<NodeTable['put']>) =>
  events.map(({ kind, service }) => `${kind} ${service.version} ${service.nodes.map(node => node.id).join()}`)

it('tells of new, changed and moved nodes, each once', () => {
  const table = new NodeTable()
  expect(shown(table.put(record('1', ['a', 'b'])))).toEqual(['create 1 a,b'])
  expect(shown(table.put(record('1', ['a', 'b'])))).toEqual([])
  expect(shown(table.put(record('1', ['a', 'c'], 'y')))).toEqual(['create 1 c', 'update 1 a'])
  expect(shown(table.put(record('2', ['a'], 'y')))).toEqual(['delete 1 a', 'create 2 a'])
  expect(shown(table.remove('greeter', ['a', 'b', 'nobody']))).toEqual(['delete 1 b', 'delete 2 a'])
})

it('does not take two nodes that list their endpoints differently for a change each time they say so', () => {
  const table = new NodeTable()
  table.put(record('1', ['a'], 'x', ['One', 'Two']))
  table.put(record('1', ['b'], 'x', ['Two', 'One']))
  expect(table.put(record('1', ['a'], 'x', ['One', 'Two']))).toEqual([])
  expect(table.put(record('1', ['b'], 'x', ['Two', 'One']))).toEqual([])
})

it('has no service without nodes', () => {
  const table = new NodeTable()
  table.put(record('1', ['a']))
  table.remove('greeter', ['a'])
  expect([table.names(), table.all(), table.lookup('greeter')]).toEqual([[], [], []])
})
