import { NEVER, type Observable } from 'rxjs'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ServiceError, type CallOptions, type Channel } from 'headrace/streams'
import { planCall } from '../../../../src/actors/client/call-plan.js'
import { openChannel, type OpenedChannel } from '../../../../src/actors/client/open-channel.js'
import { ScriptedCalls } from '../../../support/scripted-calls.js'
import { settle } from '../../../support/virtual-clock.js'

const down = new ServiceError('unavailable', 'connection refused')

let calls: ScriptedCalls
beforeEach(() => {
  calls = new ScriptedCalls(['a', 'b', 'c'])
})
// Whatever becomes of it: every use of a node is reported, and no timer stays behind.
afterEach(async () => {
  await settle()
  expect({ inFlight: calls.inFlight, pending: calls.clock.pending }).toEqual({ inFlight: 0, pending: 0 })
})

interface Outcome {
  opened?: OpenedChannel
  completed?: true
  error?: ServiceError
}

function open(options: CallOptions = {}, openLink?: () => Channel) {
  const outcome: Outcome = {}
  const subscription = opening(options, openLink).subscribe({
    next: opened => (outcome.opened = opened),
    error: (error: ServiceError) => (outcome.error = error),
    complete: () => (outcome.completed = true),
  })
  return { outcome, cancel: () => subscription.unsubscribe() }
}

function opening(options: CallOptions, openLink = anyChannel): Observable<OpenedChannel> {
  calls.openLink = openLink
  const { services } = calls
  const target = {
    service: 'greeter',
    definition: { name: 'Greeter.Watch', cardinality: 'serverStream' as const },
  }
  const defaults = {
    ...{ from: 'caller', timeoutMs: 5_000, retries: 2, dialect: 'rpc' as const },
    ...{ untypedContentType: 'application/json', typedContentType: 'application/protobuf' },
  }
  return openChannel(
    planCall(target, options, defaults, services.formats, services.clock, 'stream'),
    services,
  )
}

function anyChannel(): Channel {
  const nothing = () => undefined
  return {
    ...{ peer: 'x', incoming: NEVER, demand: NEVER, closed: NEVER },
    ...{ send: nothing, end: nothing, abort: nothing, retire: nothing },
  }
}

const reports = () => calls.reports.map(({ id, kind }) => [id, kind])

describe('a channel', () => {
  test('is opened at the node that is chosen; who has it reports', () => {
    const { outcome, cancel } = open()
    expect([outcome.opened?.channel.peer, outcome.completed]).toEqual(['x', true])
    cancel()
    expect(reports()).toEqual([])
    outcome.opened?.report(down)
    outcome.opened?.report()
    expect(reports()).toEqual([['a', 'unavailable']])
  })

  test('is opened at an address without a node', () => {
    const { outcome } = open({ address: 'z:1' })
    outcome.opened?.report(down)
    expect([outcome.completed, calls.picks, reports()]).toEqual([true, [], []])
  })

  test('is opened at another node at once, then after a wait', () => {
    calls.unreachable.set('a:1', down).set('b:1', new ServiceError('timeout', 'no connection'))
    const { outcome } = open()
    expect(outcome).toEqual({})
    calls.clock.advance(199)
    expect(outcome).toEqual({})
    calls.clock.advance(1)
    expect(outcome.completed).toBe(true)
    outcome.opened?.report()
    expect(reports()).toEqual([
      ['a', 'unavailable'],
      ['b', 'timeout'],
      ['c', undefined],
    ])
    expect(calls.picks.map(options => options?.avoid)).toEqual([[], ['a'], ['a', 'b']])
  })

  test('that no attempt opens fails with the last failure', () => {
    for (const id of ['a', 'b', 'c']) calls.unreachable.set(`${id}:1`, down)
    const { outcome } = open({ retries: 1 })
    expect([outcome, calls.reports.length]).toEqual([{ error: down }, 2])
  })

  test('is not tried again when the failure is none that passes', () => {
    calls.unreachable.set('a:1', new ServiceError('forbidden', 'no'))
    expect(open().outcome.error?.kind).toBe('forbidden')
    expect(reports()).toEqual([['a', 'forbidden']])
  })

  test('fails when a filter or the link throws', () => {
    const broken = () => {
      throw new ServiceError('internal', 'no room')
    }
    expect(open({}, broken).outcome.error?.detail).toBe('no room')
    calls.pickFailure = new Error('a filter threw')
    expect(open().outcome.error?.detail).toBe('a filter threw')
    expect(reports()).toEqual([['a', 'internal']])
  })

  test('that nobody waits for any more is given up, and says nothing against its node', () => {
    calls.hanging.add('a:1')
    open().cancel()
    expect(reports()).toEqual([['a', undefined]])
  })

  test('is not waited for when the client closes', () => {
    calls.unreachable.set('a:1', down).set('b:1', down)
    const { outcome } = open()
    calls.close(new ServiceError('unavailable', 'closed'))
    expect(outcome.error?.detail).toBe('closed')
  })
})
