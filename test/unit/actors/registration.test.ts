import { EMPTY, Observable, type Subscriber } from 'rxjs'
import { describe, expect, it } from 'vitest'
import { ServiceError, type RegisterOptions, type Registry, type ServiceRecord } from 'headrace/streams'
import {
  createRegistration,
  type RegistrationEvent,
  type RegistrationOptions,
} from '../../../src/actors/registration.js'
import { VirtualClock } from '../../support/virtual-clock.js'

const record = (id = 'a', version = '1'): ServiceRecord => ({
  name: 'greeter',
  version,
  metadata: {},
  endpoints: [],
  nodes: [{ id, address: `127.0.0.1:${id.length}`, metadata: {} }],
})

/** A registry that answers when the test says so; what it was asked is listed. */
function scriptedRegistry() {
  const asked: string[] = []
  const pending: Subscriber<never>[] = []
  const options: (RegisterOptions | undefined)[] = []
  const operation = (name: string, { version, nodes }: ServiceRecord) =>
    new Observable<never>(subscriber => {
      asked.push(`${name} ${version} ${nodes.map(({ id }) => id).join(',')}`)
      pending.push(subscriber)
      subscriber.add(() => pending.splice(pending.indexOf(subscriber), 1))
    })
  const registry: Registry = {
    name: 'scripted',
    events: EMPTY,
    register: (service, given) => (options.push(given), operation('register', service)),
    deregister: service => operation('deregister', service),
    lookup: () => EMPTY,
    list: () => EMPTY,
    watch: () => EMPTY,
    close: () => Promise.resolve(),
  }
  return {
    registry,
    asked,
    pending,
    options,
    accept: () => pending[0]?.complete(),
    refuse: (error = new ServiceError('unavailable', 'lost')) => pending[0]?.error(error),
  }
}

function setup(options: Partial<RegistrationOptions> = {}) {
  const clock = new VirtualClock()
  const scripted = scriptedRegistry()
  const events: RegistrationEvent[] = []
  const registration = createRegistration({
    registry: scripted.registry,
    clock,
    report: event => events.push(event),
    ...options,
  })
  const states: string[] = []
  registration.state.subscribe({ next: state => states.push(state), complete: () => states.push('complete') })
  const start = (which = record()) => {
    const outcome: { value?: unknown; subscription?: { unsubscribe(): void } } = {}
    outcome.subscription = registration.start(which).subscribe({
      error: (error: unknown) => (outcome.value = error),
      complete: () => (outcome.value = 'complete'),
    })
    return outcome
  }
  return {
    clock,
    ...scripted,
    events,
    registration,
    states,
    start,
    kinds: () => events.map(({ kind }) => kind),
  }
}

describe('start', () => {
  it('completes when the registry has accepted', () => {
    const { start, accept, states, asked, options } = setup({ ttlMs: 9, intervalMs: 5 })
    const outcome = start()
    expect([outcome.value, ...states]).toEqual([undefined, 'idle', 'registering'])
    accept()
    expect(outcome.value).toBe('complete')
    expect(states).toEqual(['idle', 'registering', 'registered'])
    expect([asked, options]).toEqual([['register 1 a'], [{ ttlMs: 9 }]])
  })

  it('fails with what the registry said, and may be tried again', () => {
    const { start, accept, refuse, states, clock } = setup()
    const error = new ServiceError('bad_request', 'no name')
    const first = start()
    refuse(error)
    expect(first.value).toBe(error)
    expect([states.at(-1), clock.pending]).toEqual(['idle', 0])
    const second = start()
    accept()
    expect(second.value).toBe('complete')
  })

  it('fails when the registry does not answer in time', () => {
    const { start, clock, pending } = setup({ timeoutMs: 100 })
    const outcome = start()
    clock.advance(100)
    expect(outcome.value).toMatchObject({
      kind: 'timeout',
      message: 'register greeter: no answer from the registry after 100 ms',
    })
    expect(pending).toEqual([])
  })

  it('is a conflict the second time', () => {
    const { start, asked } = setup()
    start()
    expect(start().value).toMatchObject({ kind: 'conflict' })
    expect(asked.length).toBe(1)
  })

  it('given up takes the record out', () => {
    const { start, asked, accept, states, clock } = setup()
    start().subscription?.unsubscribe()
    expect([asked, states.at(-1)]).toEqual([['register 1 a', 'deregister 1 a'], 'idle'])
    accept()
    expect(clock.pending).toBe(0)
  })
})

describe('a record that is registered', () => {
  it('is registered again at the interval', () => {
    const { start, accept, asked, clock, states } = setup({ intervalMs: 30_000 })
    start()
    accept()
    clock.advance(29_999)
    expect(asked.length).toBe(1)
    clock.advance(1)
    expect(asked.length).toBe(2)
    accept()
    clock.advance(30_000)
    expect(asked.length).toBe(3)
    expect(states).toEqual(['idle', 'registering', 'registered'])
  })

  it('is registered once with an interval of 0, and for good with a ttl of 0', () => {
    const { start, accept, options, clock } = setup({ intervalMs: 0, ttlMs: 0 })
    start()
    accept()
    expect([clock.pending, options]).toEqual([0, [{}]])
  })

  it('that the registry lost is tried again with growing delays, and told twice: lost, and back', () => {
    const { start, accept, refuse, asked, clock, states, events } = setup({ intervalMs: 1_000 })
    start()
    accept()
    clock.advance(1_000)
    refuse()
    const waits: number[] = []
    for (let attempt = 0; attempt < 10; attempt += 1) {
      const [from, before] = [clock.now(), asked.length]
      while (asked.length === before) clock.advance(1)
      waits.push(clock.now() - from)
      refuse()
    }
    expect(waits).toEqual([50, 100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000, 5_000])
    expect(states.at(-1)).toBe('lost')
    clock.advance(5_000)
    accept()
    expect(states.at(-1)).toBe('registered')
    expect(events).toMatchObject([
      { kind: 'registered', record: record() },
      { kind: 'registration_lost', error: { kind: 'unavailable' }, retryMs: 50 },
      { kind: 'registered' },
    ])
    clock.advance(1_000)
    expect(clock.now()).toBeGreaterThan(0)
    expect(asked.length).toBe(14)
  })
})

describe('update', () => {
  const cases: readonly [string, ServiceRecord, readonly string[]][] = [
    ['the same node', record('a'), ['register 1 a']],
    ['another node', record('b'), ['register 1 b', 'deregister 1 a']],
    ['another version', record('a', '2'), ['register 2 a', 'deregister 1 a']],
  ]
  it.each(cases)('to %s registers it now and takes out what is left behind', (_, next, expected) => {
    const { start, accept, registration, asked, clock } = setup()
    start()
    accept()
    registration.update(next)
    expect(asked.slice(1)).toEqual(expected)
    accept()
    accept()
    expect(clock.pending).toBe(1)
    void registration.close()
    expect(asked.at(-1)).toBe(`deregister ${next.version} ${next.nodes[0]?.id}`)
  })

  it('while the first registration is under way replaces it', () => {
    const { start, accept, registration, asked, pending } = setup()
    const outcome = start()
    registration.update(record('a', '1'))
    expect([asked.length, pending.length]).toEqual([2, 1])
    accept()
    expect(outcome.value).toBe('complete')
  })

  it('before start does nothing', () => {
    const { registration, asked } = setup()
    registration.update(record())
    expect(asked).toEqual([])
  })
})

describe('close', () => {
  it('takes the record out, once', async () => {
    const { start, accept, registration, asked, clock, states } = setup()
    start()
    accept()
    const closing = registration.close()
    expect(registration.close()).toBe(closing)
    accept()
    await closing
    expect(asked).toEqual(['register 1 a', 'deregister 1 a'])
    expect(states.slice(-2)).toEqual(['closed', 'complete'])
    expect(clock.pending).toBe(0)
  })

  it('waits for the registry no longer than it may, and says so', async () => {
    const { start, accept, registration, kinds, clock, pending } = setup({ timeoutMs: 100 })
    start()
    accept()
    const closing = registration.close()
    clock.advance(100)
    await closing
    expect(kinds()).toEqual(['registered', 'deregistration_failed', 'stopped'])
    expect([clock.pending, pending.length]).toEqual([0, 0])
  })

  it('before start does nothing, and after it start is refused', async () => {
    const { registration, asked, start } = setup()
    await registration.close()
    expect(asked).toEqual([])
    expect(start().value).toMatchObject({ kind: 'unavailable' })
  })

  it('while the first registration is under way fails it and takes the record out', async () => {
    const { registration, start, asked, accept } = setup()
    const outcome = start()
    const closing = registration.close()
    expect(outcome.value).toMatchObject({ kind: 'unavailable' })
    accept()
    await closing
    expect(asked).toEqual(['register 1 a', 'deregister 1 a'])
  })

  it('by abort leaves the record to its time to live', () => {
    const { registration, start, accept, asked, clock, states } = setup()
    start()
    accept()
    registration.abort(new ServiceError('cancelled', 'over'))
    expect([asked.length, clock.pending, states.at(-1)]).toEqual([1, 0, 'complete'])
  })
})

it('registers again by itself after its actor has failed', () => {
  const { registration, start, accept, asked, clock, kinds, states } = setup()
  start()
  accept()
  registration.update({ ...record(), nodes: undefined as never })
  clock.advance(50)
  expect(asked).toEqual(['register 1 a', 'register 1 a'])
  accept()
  expect(kinds()).toEqual(['registered', 'failed', 'restarted', 'registered'])
  expect(states.slice(-2)).toEqual(['lost', 'registered'])
})

it('reports a registry that throws, and closes all the same', async () => {
  const { registration, start, accept, registry, kinds } = setup()
  start()
  accept()
  registry.deregister = () => {
    throw new Error('broken')
  }
  await registration.close()
  expect(kinds()).toEqual(['registered', 'deregistration_failed', 'stopped'])
})

it('names a wrong option', () => {
  expect(() => setup({ ttlMs: -1 })).toThrow("registration: option 'ttlMs'")
})
