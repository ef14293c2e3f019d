import { EMPTY, Observable, Subject, type Subscriber } from 'rxjs'
import { describe, expect, it } from 'vitest'
import {
  ServiceError,
  createDelivery,
  type Broker,
  type Delivery,
  type Message,
  type SubscribeOptions,
  type SubscriptionEvent,
} from 'headrace/streams'
import {
  createSubscription,
  type SubscriptionOptions,
  type SubscriptionReport,
} from '../../../src/actors/subscription.js'
import { VirtualClock, settle } from '../../support/virtual-clock.js'

/** A broker that does what the test says; the answers to its deliveries are listed. */
function scriptedBroker() {
  const subscribers: Subscriber<SubscriptionEvent>[] = []
  const asked: [string, SubscribeOptions | undefined][] = []
  const answers: string[] = []
  const broker: Broker = {
    name: 'scripted',
    events: EMPTY,
    publish: () => EMPTY,
    publishAll: () => EMPTY,
    subscribe: (topic, options) =>
      new Observable(subscriber => {
        asked.push([topic, options])
        subscribers.push(subscriber)
        subscriber.add(() => subscribers.splice(subscribers.indexOf(subscriber), 1))
      }),
    close: () => Promise.resolve(),
  }
  const deliver = (...texts: string[]) => {
    for (const text of texts) {
      const message: Message = { headers: {}, body: new TextEncoder().encode(text) }
      const delivery = createDelivery(message, error => answers.push(`${error?.kind ?? 'ack'} ${text}`))
      subscribers[0]?.next({ kind: 'delivery', delivery })
    }
  }
  return {
    broker,
    asked,
    answers,
    subscribers,
    deliver,
    accept: () => subscribers[0]?.next({ kind: 'subscribed' }),
    lose: () => subscribers[0]?.error(new ServiceError('unavailable', 'lost')),
  }
}

const decode = ({ body }: Message): string => {
  const text = new TextDecoder().decode(body)
  if (text.startsWith('damaged')) throw new ServiceError('bad_request', `cannot read ${text}`)
  return text
}

function setup(options: Partial<SubscriptionOptions<string>> = {}) {
  const clock = new VirtualClock()
  const scripted = scriptedBroker()
  const reports: SubscriptionReport[] = []
  const handled: string[] = []
  /** The handlers that run, by their message. */
  const running = new Map<string, Subject<void>>()
  const handle = (value: string) =>
    new Observable<void>(subscriber => {
      handled.push(value)
      const done = new Subject<void>()
      running.set(value, done)
      subscriber.add(() => running.delete(value))
      return done.subscribe(subscriber)
    })
  const subscription = createSubscription<string>({
    broker: scripted.broker,
    topic: 'events',
    clock,
    decode,
    handle,
    report: report => reports.push(report),
    ...options,
  } as SubscriptionOptions<string>)
  const states: string[] = []
  subscription.state.subscribe({ next: state => states.push(state), complete: () => states.push('complete') })
  const finish = (...texts: string[]) => {
    for (const text of texts) running.get(text)?.complete()
  }
  const kinds = () => reports.map(({ kind }) => kind)
  return { clock, ...scripted, reports, kinds, handled, running, finish, subscription, states }
}

describe('a subscription', () => {
  it('is ready when the broker has accepted', async () => {
    const { subscription, accept, states, asked } = setup({ queue: 'workers' })
    let ready = false
    void subscription.ready.then(() => (ready = true))
    await settle(1)
    expect(ready).toBe(false)
    accept()
    await subscription.ready
    expect(states).toEqual(['subscribing', 'subscribed'])
    expect(asked).toEqual([['events', { queue: 'workers' }]])
  })

  it('acks when the handler has completed, and only then', () => {
    const { accept, deliver, finish, answers, handled } = setup()
    accept()
    deliver('a', 'b')
    expect([handled, answers]).toEqual([['a'], []])
    finish('a')
    expect([handled, answers]).toEqual([['a', 'b'], ['ack a']])
    finish('b')
    expect(answers).toEqual(['ack a', 'ack b'])
  })

  it('handles as many at once as it may', () => {
    const { accept, deliver, finish, handled, subscription } = setup({ concurrency: 3 })
    accept()
    deliver('a', 'b', 'c', 'd')
    expect([handled, subscription.inFlight]).toEqual([['a', 'b', 'c'], 3])
    finish('b')
    expect([handled, subscription.inFlight]).toEqual([['a', 'b', 'c', 'd'], 3])
  })

  it('nacks and reports what the handler fails, in whatever way, and goes on', async () => {
    const ways: Record<string, () => unknown> = {
      throws: () => {
        throw new ServiceError('conflict', 'no')
      },
      rejects: () => Promise.reject(new Error('no')),
      errors: () => new Observable(subscriber => subscriber.error(new ServiceError('not_found', 'no'))),
      value: () => 1,
      promise: () => Promise.resolve(1),
      generator: function* () {
        yield 1
      },
      array: () => [1],
    }
    const { accept, deliver, answers, kinds } = setup({ handle: (text: string) => ways[text]?.() })
    accept()
    deliver(...Object.keys(ways))
    await settle()
    expect(answers).toEqual([
      'conflict throws',
      'internal rejects',
      'not_found errors',
      'ack value',
      'ack promise',
      'ack generator',
      'ack array',
    ])
    expect(kinds()).toEqual(['handler_failed', 'handler_failed', 'handler_failed'])
  })

  it('nacks and reports what cannot be decoded, and goes on', () => {
    const { accept, deliver, answers, handled, reports, states } = setup()
    accept()
    deliver('damaged 1', 'a')
    expect([answers, handled]).toEqual([['bad_request damaged 1'], ['a']])
    expect(reports).toMatchObject([
      { kind: 'undecodable', topic: 'events', error: { message: 'cannot read damaged 1' } },
    ])
    expect(states.at(-1)).toBe('subscribed')
  })

  it('leaves the answer to a handler that wants to give it', async () => {
    const kept: Delivery<string>[] = []
    const { accept, deliver, answers, kinds } = setup({
      manualAck: true,
      handle: (delivery: Delivery<string>) => {
        kept.push(delivery)
        if (delivery.value === 'fails') throw new Error('no')
      },
    })
    accept()
    deliver('a', 'fails', 'b')
    await settle(1)
    expect(answers).toEqual(['internal fails'])
    kept[2]?.ack()
    kept[0]?.nack(new ServiceError('conflict', 'later'))
    kept[0]?.ack()
    expect(answers).toEqual(['internal fails', 'ack b', 'conflict a'])
    expect(kinds()).toEqual(['handler_failed'])
  })
})

describe('a lost broker', () => {
  it('is subscribed again with growing delays; handlers go on, and so does their limit', () => {
    const { accept, lose, deliver, finish, clock, asked, handled, answers, reports, states } = setup()
    accept()
    deliver('a')
    const waits: number[] = []
    for (let attempt = 0; attempt < 9; attempt += 1) {
      lose()
      const [from, before] = [clock.now(), asked.length]
      while (asked.length === before) clock.advance(1)
      waits.push(clock.now() - from)
    }
    expect(waits).toEqual([50, 100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000])
    expect(states.at(-1)).toBe('lost')
    accept()
    deliver('b')
    expect(handled).toEqual(['a'])
    finish('a', 'b')
    expect([handled, answers]).toEqual([
      ['a', 'b'],
      ['ack a', 'ack b'],
    ])
    expect(reports[0]).toMatchObject({ kind: 'subscription_lost', topic: 'events', retryMs: 50 })
    expect(states.slice(-2)).toEqual(['lost', 'subscribed'])
  })

  it('at the first attempt rejects ready, and is tried again', async () => {
    const { lose, accept, subscription, clock, states } = setup()
    lose()
    await expect(subscription.ready).rejects.toMatchObject({ kind: 'unavailable' })
    clock.advance(100)
    accept()
    expect(states.at(-1)).toBe('subscribed')
  })

  it('that ends the subscription without an error is lost as well', () => {
    const { accept, subscribers, reports } = setup()
    accept()
    subscribers[0]?.complete()
    expect(reports).toMatchObject([
      { error: { message: 'topic events: the broker has ended the subscription' } },
    ])
  })
})

describe('close', () => {
  it('begins nothing more, waits for what runs, then unsubscribes', async () => {
    const { accept, deliver, finish, subscription, subscribers, handled, answers, states, clock } = setup()
    accept()
    deliver('a', 'b')
    const closing = subscription.close()
    expect(subscription.close()).toBe(closing)
    deliver('c')
    expect(states.at(-1)).toBe('draining')
    finish('a')
    await closing
    expect([handled, answers, subscribers]).toEqual([['a'], ['ack a'], []])
    expect(states.slice(-2)).toEqual(['closed', 'complete'])
    expect([clock.pending, subscription.inFlight]).toEqual([0, 0])
  })

  it('lets go of handlers that take too long: neither ack nor nack', async () => {
    const { accept, deliver, subscription, answers, running, reports, clock } = setup({ concurrency: 2 })
    accept()
    deliver('a', 'b')
    const closing = subscription.close(100)
    clock.advance(100)
    await closing
    expect([answers, running.size, clock.pending]).toEqual([[], 0, 0])
    expect(reports).toMatchObject([
      {
        kind: 'handlers_aborted',
        error: { kind: 'timeout', message: expect.stringContaining('2 handlers still ran after 100 ms') },
      },
      { kind: 'stopped' },
    ])
  })

  it('while the broker is lost stops trying', async () => {
    const { lose, accept, deliver, finish, subscription, clock, asked } = setup()
    accept()
    deliver('a')
    lose()
    const closing = subscription.close()
    clock.advance(5_000)
    expect(asked.length).toBe(1)
    finish('a')
    await closing
    expect(clock.pending).toBe(0)
  })

  it('before it was ready rejects ready', async () => {
    const { subscription, subscribers } = setup()
    await subscription.close()
    await expect(subscription.ready).rejects.toMatchObject({ kind: 'unavailable' })
    expect(subscribers).toEqual([])
  })

  it('by abort answers nothing', async () => {
    const { accept, deliver, subscription, answers, running, states } = setup()
    accept()
    deliver('a', 'b')
    const closing = subscription.close()
    subscription.abort(new ServiceError('cancelled', 'over'))
    await closing
    expect([answers, running.size, states.at(-1)]).toEqual([[], 0, 'complete'])
  })
})

it('names a wrong option', () => {
  expect(() => setup({ concurrency: 0 })).toThrow("subscription: option 'concurrency'")
})
