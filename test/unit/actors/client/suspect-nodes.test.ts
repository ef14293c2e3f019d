import { afterEach, beforeEach, expect, test } from 'vitest'
import type { CallOptions, ServiceError } from 'headrace'
import { createClient } from '../../../../src/actors/client.js'
import { ScriptedCalls } from '../../../support/scripted-calls.js'
import { settle } from '../../../support/virtual-clock.js'

let calls: ScriptedCalls
beforeEach(() => {
  calls = new ScriptedCalls(['a', 'b', 'c'])
})
// Whatever becomes of a call: no use of a node, no link, no deadline and no timer stays behind.
afterEach(async () => {
  await settle()
  expect([calls.inFlight, calls.lent, calls.deadlines.size]).toEqual([0, 0, 0])
  // The timer of deadlines that are gone may run on until it is due.
  calls.deadlines.close()
  expect(calls.clock.pending).toBe(0)
})

const defaults = {
  from: 'caller',
  timeoutMs: 5_000,
  retries: 1,
  untypedContentType: 'application/json',
  typedContentType: 'application/protobuf',
  dialect: 'rpc' as const,
}

function call(options: CallOptions, from = calls) {
  const client = createClient({ services: from.services, defaults, middleware: [] })
  const definition = { name: 'Greeter.Hello', cardinality: 'unary' as const }
  const outcome: { value?: unknown; error?: ServiceError } = {}
  client.unary({ service: 'greeter', definition }, {}, options).subscribe({
    next: value => (outcome.value = value),
    error: (error: ServiceError) => (outcome.error = error),
  })
  return outcome
}

const request = (at: number) => {
  const found = calls.requests[at]
  if (found === undefined) throw new Error(`there is no request ${at}`)
  return found
}
const addresses = () => calls.requests.map(({ address }) => address)

test('an idempotent call moves to another node at once, and says nothing against the first', () => {
  const outcome = call({ idempotent: true })
  calls.clock.advance(2_500)
  request(0).suspect()
  expect(addresses()).toEqual(['a:1', 'b:1'])
  expect(request(0).cancelled).toBe(true)
  expect(request(1).message.headers['Timeout']).toBe('2500000000')
  calls.clock.advance(3)
  request(1).answer('from b')
  expect(outcome).toEqual({ value: 'from b' })
  expect(calls.reports).toEqual([
    { id: 'a', latencyMs: undefined, kind: undefined },
    { id: 'b', latencyMs: 3, kind: undefined },
  ])
})

test('another call waits for its node', () => {
  const outcome = call({})
  request(0).suspect()
  expect([addresses(), request(0).cancelled]).toEqual([['a:1'], false])
  request(0).answer('late')
  expect(outcome).toEqual({ value: 'late' })
})

test('without another node an idempotent call waits, too', () => {
  calls = new ScriptedCalls(['a'])
  const outcome = call({ idempotent: true })
  request(0).suspect()
  expect([addresses(), request(0).cancelled]).toEqual([['a:1'], false])
  request(0).answer('late')
  expect(outcome).toEqual({ value: 'late' })
})

test('moving is one of the retries', () => {
  const outcome = call({ idempotent: true })
  request(0).suspect()
  request(1).suspect()
  expect(addresses()).toEqual(['a:1', 'b:1'])
  request(1).answer('late')
  expect(outcome).toEqual({ value: 'late' })
  call({ idempotent: true, retries: 0 })
  request(2).suspect()
  expect(addresses()).toHaveLength(3)
  request(2).answer('x')
})

test('a call by address has nowhere to go', () => {
  const outcome = call({ idempotent: true, address: 'x:1' })
  request(0).suspect()
  request(0).answer('late')
  expect([outcome.value, addresses()]).toEqual(['late', ['x:1']])
})

test('the deadline holds over the move', () => {
  const outcome = call({ idempotent: true })
  calls.clock.advance(2_500)
  request(0).suspect()
  calls.clock.advance(2_500)
  expect(outcome.error?.kind).toBe('timeout')
  expect(request(1).cancelled).toBe(true)
})

test('a strategy that throws on the way ends the call with its error', () => {
  const outcome = call({ idempotent: true })
  calls.pickFailure = new Error('no idea')
  request(0).suspect()
  expect(outcome.error?.detail).toContain('no idea')
  expect(request(0).cancelled).toBe(true)
})
