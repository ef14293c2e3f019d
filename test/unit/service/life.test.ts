import { NEVER, Observable, firstValueFrom, throwError } from 'rxjs'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ServiceError, createService, type Context, type Service, type ServiceOptions } from 'headrace'
import { createBrokerHub, memory as memoryBroker } from 'headrace/adapters/broker/memory'
import { createRegistryHub, memory as memoryRegistry } from 'headrace/adapters/registry/memory'
import { createTransportHub, memory as memoryTransport } from 'headrace/adapters/transport/memory'
import type { Broker, ListenEvent, Registry, Transport } from 'headrace/streams'
import { leftOpen, openResources } from '../../support/leak-check.js'

/** What a test changes in the adapters of one service. */
interface Plants {
  readonly registry?: (registry: Registry) => Partial<Registry>
  readonly transport?: (transport: Transport) => Partial<Transport>
  readonly broker?: (broker: Broker) => Partial<Broker>
}

function network() {
  const hubs = { registry: createRegistryHub(), transport: createTransportHub(), broker: createBrokerHub() }
  const closed: string[] = []
  const wrap = <A extends Registry | Transport | Broker>(adapter: A, change: Partial<A> = {}): A => {
    const close = () => {
      closed.push(adapter.name)
      return adapter.close()
    }
    return Object.assign(Object.create(adapter) as A, { close }, change)
  }
  const make = (name: string, options: Partial<ServiceOptions> = {}, plants: Plants = {}) => {
    const registry = memoryRegistry({ hub: hubs.registry })
    const transport = memoryTransport({ hub: hubs.transport })
    const broker = memoryBroker({ hub: hubs.broker })
    return createService({
      name,
      argv: [],
      env: {},
      log: false,
      address: '127.0.0.1:5000',
      registry: wrap(registry, plants.registry?.(registry)),
      transport: wrap(transport, plants.transport?.(transport)),
      broker: wrap(broker, plants.broker?.(broker)),
      ...options,
    })
  }
  const leftInHubs = async () => {
    const probe = {
      registry: memoryRegistry({ hub: hubs.registry }),
      broker: memoryBroker({ hub: hubs.broker }),
    }
    const nodes = (await firstValueFrom(probe.registry.lookup('greeter'))).flatMap(({ nodes }) => nodes)
    const reports: unknown[] = []
    await new Promise<void>(resolve =>
      probe.broker.publish('events', { headers: {}, body: new Uint8Array(0) }).subscribe({
        next: report => reports.push(report),
        complete: resolve,
      }),
    )
    const dialled = await firstValueFrom(
      memoryTransport({ hub: hubs.transport }).dial('127.0.0.1:5000'),
    ).then(
      () => ['a listener'],
      () => [],
    )
    await Promise.all([probe.registry.close(), probe.broker.close()])
    return [...nodes, ...reports, ...dialled]
  }
  return { make, closed, leftInHubs }
}

function greeter(
  service: Service,
  handler: (request: unknown, context: Context) => unknown = () => ({ ok: 1 }),
) {
  service.handle({ Greeter: { Hello: handler } })
  service.subscribe('events', () => undefined)
  return service
}

function statesOf(service: Service): string[] {
  const states: string[] = []
  service.state.subscribe({ next: state => states.push(state), complete: () => states.push('|') })
  return states
}

const rejected = (work: PromiseLike<unknown>): Promise<ServiceError> =>
  Promise.resolve(work).then(
    () => Promise.reject(new Error('it did not fail')),
    (error: ServiceError) => error,
  )

let before: readonly string[]
beforeEach(() => {
  before = openResources()
})
afterEach(async () => expect(await leftOpen(before)).toEqual([]))

describe('the life of a service', () => {
  test('goes through its states, with hooks between', async () => {
    const { make, closed, leftInHubs } = network()
    const steps: string[] = []
    const note = (step: string) => () => void steps.push(step)
    const hooks = {
      beforeStart: [note('before start'), note('and again')],
      afterStart: [note('after start')],
      beforeStop: [note('before stop')],
      afterStop: [note('after stop')],
    }
    const service = greeter(make('greeter', { hooks }))
    service.state.subscribe(state => steps.push(state))
    await service.start()
    expect(service.address).toBe('127.0.0.1:5000')
    expect(await leftInHubs()).toHaveLength(3)
    await service.close()
    expect(steps).toEqual([
      ...['idle', 'starting', 'before start', 'and again', 'after start', 'running'],
      ...['draining', 'before stop', 'after stop', 'closed'],
    ])
    expect([await leftInHubs(), service.address]).toEqual([[], undefined])
    expect(new Set(closed)).toEqual(new Set(['memory']))
  })

  const refusal = new ServiceError('unavailable', 'planted')
  const boom = () => {
    throw new Error('planted')
  }
  test.each<[string, Partial<ServiceOptions>, Plants]>([
    ['a hook before the start', { hooks: { beforeStart: [boom] } }, {}],
    ['a hook after the start', { hooks: { afterStart: [boom] } }, {}],
    ['the listener', {}, { transport: () => ({ listen: () => throwError(() => refusal) }) }],
    ['the broker', {}, { broker: () => ({ subscribe: () => throwError(() => refusal) }) }],
    ['the registry', {}, { registry: () => ({ register: () => throwError(() => refusal) }) }],
  ])('that %s ends at its start leaves nothing behind', async (_, options, plants) => {
    const { make, closed, leftInHubs } = network()
    const stopped: string[] = []
    const hooks = { ...options.hooks, afterStop: [() => void stopped.push('after stop')] }
    const service = greeter(make('greeter', { ...options, hooks }, plants))
    const states = statesOf(service)
    const failure = await rejected(service.start())
    expect(failure.detail).toContain('planted')
    expect(states).toEqual(['idle', 'starting', 'failed', '|'])
    expect([await leftInHubs(), closed.length >= 3, stopped]).toEqual([[], true, ['after stop']])
    await service.close()
    expect(await rejected(service.start())).toBe(failure)
    expect((await rejected(service.client('greeter').call('Greeter.Hello'))).kind).toBe('unavailable')
  })

  test('may end before it began', async () => {
    const { make, closed } = network()
    const service = make('greeter')
    const states = statesOf(service)
    await service.close()
    expect([states, closed]).toEqual([
      ['idle', 'draining', 'closed', '|'],
      ['memory', 'memory', 'memory'],
    ])
    expect((await rejected(service.start())).detail).toBe('service greeter has been closed')
    expect((await rejected(service.publish('events', {}))).kind).toBe('unavailable')
    expect((await rejected(firstValueFrom(service.topic('events')))).kind).toBe('unavailable')
    expect((await rejected(firstValueFrom(service.discover('greeter')))).kind).toBe('unavailable')
  })

  test.each<[string, Plants, Partial<ServiceOptions>]>([
    ['the listener', { transport: () => ({ listen: () => NEVER }) }, {}],
    ['the broker', { broker: () => ({ subscribe: () => NEVER }) }, {}],
    ['the registry', { registry: () => ({ register: () => NEVER, deregister: () => NEVER }) }, {}],
    ['a hook', {}, { hooks: { beforeStart: [() => new Promise<void>(() => undefined)] } }],
  ])('ends while it starts, also where %s does not answer', async (_, plants, options) => {
    const { make, leftInHubs } = network()
    const service = greeter(make('greeter', options, plants))
    const states = statesOf(service)
    const starting = rejected(service.start())
    await new Promise<void>(resolve => setImmediate(resolve))
    const closing = service.close()
    const aborting = service.abort(new ServiceError('cancelled', 'enough'))
    await Promise.all([closing, aborting])
    expect((await starting).detail).toContain('has been closed')
    expect(states).toEqual(['idle', 'starting', 'draining', 'closed', '|'])
    expect(await leftInHubs()).toEqual([])
  })

  test('a hook may close the service that it belongs to', async () => {
    const { make } = network()
    const service: Service = make('greeter', { hooks: { beforeStart: [() => service.close()] } })
    expect((await rejected(service.start())).kind).toBe('unavailable')
  })

  test('all closes share one promise', async () => {
    const { make } = network()
    const service = greeter(make('greeter'))
    await service.start()
    const closing = service.close()
    expect(service.close()).toBe(closing)
    await closing
    expect(service.close()).toBe(closing)
  })

  test('a call under way is answered before the service is closed', async () => {
    const { make } = network()
    let answer: (value: unknown) => void = () => undefined
    let called: () => void = () => undefined
    const began = new Promise<void>(resolve => (called = resolve))
    const service = greeter(make('greeter'), () => {
      called()
      return new Promise(resolve => (answer = resolve))
    })
    const caller = make('caller')
    await service.start()
    const call = Promise.resolve(caller.client('greeter').call('Greeter.Hello'))
    await began
    const closing = service.close()
    let closed = false
    void closing.then(() => (closed = true))
    await new Promise<void>(resolve => setImmediate(resolve))
    expect(closed).toBe(false)
    answer({ late: true })
    expect(await call).toEqual({ late: true })
    await closing
    await caller.close()
  })

  test.each([
    ['the deadline of its close', (service: Service) => service.close({ timeoutMs: 30 })],
    ['an abort', (service: Service) => service.abort(new ServiceError('conflict', 'enough'))],
    [
      'an abort of its close',
      (service: Service) => {
        const closing = service.close({ timeoutMs: 60_000, lingerMs: 60_000 })
        void service.abort(new ServiceError('conflict', 'enough'))
        return closing
      },
    ],
  ])('%s aborts a call under way', async (_, end) => {
    const { make } = network()
    let reason: unknown
    let called: () => void = () => undefined
    const began = new Promise<void>(resolve => (called = resolve))
    const service = greeter(make('greeter'), (_request, { signal }) => {
      signal.addEventListener('abort', () => (reason = signal.reason))
      called()
      return new Promise(() => undefined)
    })
    const caller = make('caller')
    await service.start()
    const call = rejected(caller.client('greeter').call('Greeter.Hello'))
    await began
    await end(service)
    expect((await call).kind).toBe('unavailable')
    expect(reason).toBeInstanceOf(ServiceError)
    await caller.close()
  })

  test('a call that it makes ends with it, also one that waits for another attempt', async () => {
    const { make } = network()
    const caller = make('caller', { retries: 1_000_000, timeoutMs: 600_000 })
    const call = rejected(caller.client('nobody').call('X.Y', {}, { address: '127.0.0.1:9' }))
    await new Promise<void>(resolve => setTimeout(resolve, 20))
    await caller.close()
    expect((await call).detail).toContain('closed')
  })

  test('a listener that is lost fails it', async () => {
    const { make, leftInHubs } = network()
    let lose: (error: ServiceError) => void = () => undefined
    const service = greeter(
      make(
        'greeter',
        {},
        {
          transport: transport => ({
            listen: address =>
              new Observable<ListenEvent>(subscriber => {
                lose = error => subscriber.error(error)
                return transport.listen(address).subscribe(subscriber)
              }),
          }),
        },
      ),
    )
    const running = service.run()
    const events: string[] = []
    service.events.subscribe(({ text }) => events.push(text))
    await firstValueFrom(
      new Observable(subscriber =>
        service.state.subscribe(state => state === 'running' && subscriber.next(state)),
      ),
    )
    lose(new ServiceError('unavailable', 'the port is gone'))
    expect((await rejected(running)).detail).toBe('the port is gone')
    expect(await leftInHubs()).toEqual([])
    expect(events).toContain('the service has failed: the port is gone')
  })

  test('an adapter that cannot be closed is told as an event, and the others are closed', async () => {
    const { make, leftInHubs } = network()
    const service = greeter(
      make('greeter', {}, { broker: () => ({ close: () => Promise.reject(new Error('stuck')) }) }),
    )
    const events: string[] = []
    service.events.subscribe(({ text }) => events.push(text))
    await service.start()
    await service.close()
    expect(events.filter(text => text.includes('stuck')).length).toBeGreaterThan(0)
    expect((await leftInHubs()).filter(left => left === 'a listener')).toEqual([])
  })

  test('its numbers come at once, and end with it', async () => {
    const { make } = network()
    const service = greeter(make('greeter'))
    const states: string[] = []
    let over = false
    service.stats.subscribe({ next: ({ state }) => states.push(state), complete: () => (over = true) })
    expect(states).toEqual(['idle'])
    await service.start()
    expect(await firstValueFrom(service.stats)).toEqual({
      state: 'running',
      server: {
        connections: 0,
        inFlight: 0,
        served: 0,
        failed: 0,
        waitingRequests: 0,
        waitingAnswers: 0,
        shared: [],
      },
      handlers: [{ topic: 'events', inFlight: 0 }],
      connections: [],
      deadlines: 0,
    })
    await service.close()
    expect([states, over]).toEqual([['idle', 'starting', 'running', 'draining', 'closed'], true])
  })
})
