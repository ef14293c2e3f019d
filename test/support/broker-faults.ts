import {
  EMPTY,
  Observable,
  ReplaySubject,
  Subject,
  catchError,
  concat,
  defer,
  delay,
  filter,
  from,
  map,
  mergeMap,
  of,
  skip,
  take,
  tap,
  throwError,
} from 'rxjs'
import {
  ServiceError,
  canonicalKey,
  mapDelivery,
  type Broker,
  type Delivery,
  type DeliveryReport,
  type Message,
  type SubscriptionEvent,
} from 'headrace/streams'

type Wrap = (broker: Broker) => Broker
type Events = Observable<SubscriptionEvent>
type Reports = Observable<DeliveryReport>

const window = 4

/** A fault for each law of a broker: the law it must break, and what plants it into a pair of memory brokers. */
export const brokerFaults: readonly (readonly [law: string, fault: string, plant: () => Wrap])[] = [
  [
    'a subscription first says',
    'says that it is ready twice',
    () => subscribing(events => events.pipe(echo('subscribed'))),
  ],
  ['every subscriber without a queue', 'a handle does not hear what it publishes', deafToItself],
  [
    'of each queue one',
    'delivers every eighth message of a queue twice',
    () =>
      subscribing((events, queue) =>
        queue === undefined
          ? events
          : events.pipe(mergeMap((event, n) => (n % 8 === 0 && n > 0 ? of(event, event) : of(event)))),
      ),
  ],
  ['the members of a queue share', 'one member gets all while it keeps up', unfair],
  ['messages of one publisher arrive in the order', 'turns a burst around', () => subscribing(reversed)],
  [
    'headers and bodies arrive exactly',
    'writes headers as HTTP does',
    () =>
      delivering(({ headers, body }) => ({
        headers: Object.fromEntries(
          Object.entries(headers).map(([key, value]) => [canonicalKey(key), value]),
        ),
        body,
      })),
  ],
  [
    'headers and bodies arrive exactly',
    'cuts large bodies',
    () => delivering(({ headers, body }) => ({ headers, body: body.subarray(0, 1_000_000) })),
  ],
  ['what a subscriber writes', 'gives all subscribers the same bytes', oneBody],
  [
    'a topic is heard only',
    'tells topics apart by four letters',
    () => broker => ({
      ...faced(broker),
      publish: (topic, message, options) => broker.publish(topic.slice(0, 4), message, options),
      subscribe: (topic, options) => broker.subscribe(topic.slice(0, 4), options),
    }),
  ],
  ['a publish that nobody listens to', 'fails where nobody ever subscribed', failsUnused],
  [
    'a publish reports once',
    'reports twice on a queue',
    () =>
      reporting(reports =>
        reports.pipe(
          mergeMap(report => (report.subscriber.startsWith('queue') ? of(report, report) : of(report))),
        ),
      ),
  ],
  ['a subscriber that does not answer', 'sends one publish after the other', headOfLine],
  ['no more than a window', 'lets the first delivery pass uncounted', () => subscribing(uncounted)],
  [
    'each answer asks for more',
    'waits for an ack after a nack',
    () =>
      subscribing(events =>
        events.pipe(
          map(event =>
            answering(event, delivery => ({
              value: delivery.value,
              ack: () => delivery.ack(),
              nack: () => undefined,
            })),
          ),
        ),
      ),
  ],
  [
    'a subscriber whose queue stays full',
    'calls it a timeout',
    () =>
      reporting(reports =>
        reports.pipe(
          map(report =>
            said(report, 'within') ? { ...report, error: new ServiceError('timeout', 'late') } : report,
          ),
        ),
      ),
  ],
  [
    'a message that finds a queue full',
    'refuses late',
    () =>
      reporting(reports =>
        reports.pipe(
          mergeMap(report => (said(report, 'already') ? of(report).pipe(delay(1_500)) : of(report))),
        ),
      ),
  ],
  ['unsubscribing from a publish', 'sends it all the same', () => reporting(detached)],
  ['unsubscribing during a handler', 'a late answer throws', () => subscribing(angry)],
  ['who has unsubscribed', 'leaves the subscription behind', () => subscribing(leaking)],
  ['what waits for a queue', 'fails what waits when any member leaves', forgetsQueue],
  [
    'what waits for the last subscriber',
    'does not tell',
    () => reporting(reports => reports.pipe(filter(report => !said(report, 'has unsubscribed')))),
  ],
  [
    'a closed broker',
    'makes a promise for each close',
    () => broker => ({ ...faced(broker), close: async () => broker.close() }),
  ],
  [
    'closing the publisher',
    'does not tell',
    () => reporting(reports => reports.pipe(filter(report => !said(report, 'it was closed')))),
  ],
  ['a lost broker', 'completes instead', () => subscribing(events => events.pipe(quietEnd))],
]

function faced(broker: Broker): Broker {
  return {
    name: broker.name,
    events: broker.events,
    publish: (topic, message, options) => broker.publish(topic, message, options),
    subscribe: (topic, options) => broker.subscribe(topic, options),
    close: () => broker.close(),
  }
}

function subscribing(change: (events: Events, queue: string | undefined) => Events): Wrap {
  return broker => ({
    ...faced(broker),
    subscribe: (topic, options) => change(broker.subscribe(topic, options), options?.queue),
  })
}

function reporting(change: (reports: Reports) => Reports): Wrap {
  return broker => ({
    ...faced(broker),
    publish: (topic, message, options) => change(broker.publish(topic, message, options)),
  })
}

function delivering(change: (message: Message) => Message): Wrap {
  return subscribing(events =>
    events.pipe(map(event => answering(event, delivery => mapDelivery(delivery, change(delivery.value))))),
  )
}

function answering(
  event: SubscriptionEvent,
  change: (delivery: Delivery<Message>) => Delivery<Message>,
): SubscriptionEvent {
  return event.kind === 'delivery' ? { ...event, delivery: change(event.delivery) } : event
}

function said({ error }: DeliveryReport, words: string): boolean {
  return error?.message.includes(words) === true
}

const echo = (kind: string) => (events: Events) =>
  events.pipe(mergeMap(event => (event.kind === kind ? of(event, event) : of(event))))

function deafToItself(): Wrap {
  return broker => {
    let spoken = false
    return {
      ...faced(broker),
      publish: (topic, message, options) => {
        spoken = true
        return broker.publish(topic, message, options)
      },
      subscribe: (topic, options) =>
        broker.subscribe(topic, options).pipe(
          filter(event => {
            const lost = spoken && options?.queue === undefined && event.kind === 'delivery'
            if (lost) event.delivery.ack()
            return !lost
          }),
        ),
    }
  }
}

function unfair(): Wrap {
  const firsts = new Map<string, Set<Delivery<Message>>>()
  const full = new Subject<void>()
  return subscribing((events, queue) =>
    defer(() => {
      if (queue === undefined) return events
      if (firsts.has(queue)) {
        const later = full.pipe(
          take(1),
          mergeMap(() => events.pipe(skip(1))),
        )
        return concat(of({ kind: 'subscribed' } as const), later)
      }
      const unanswered = new Set<Delivery<Message>>()
      firsts.set(queue, unanswered)
      const count = (delivery: Delivery<Message>) => counting(delivery, unanswered)
      return events.pipe(
        map(event => answering(event, count)),
        tap(() => (unanswered.size >= window ? full.next() : undefined)),
      )
    }),
  )
}

function counting(delivery: Delivery<Message>, unanswered: Set<Delivery<Message>>): Delivery<Message> {
  const answered = () => {
    unanswered.delete(delivery)
    delivery.ack()
  }
  unanswered.add(delivery)
  return { value: delivery.value, ack: answered, nack: answered }
}

function reversed(events: Events): Events {
  return new Observable(subscriber => {
    let burst: SubscriptionEvent[] = []
    const flush = () => {
      const turned = burst.reverse()
      burst = []
      for (const event of turned) subscriber.next(event)
    }
    return events.subscribe({
      next: event => {
        if (burst.length === 0) queueMicrotask(flush)
        burst.push(event)
      },
      error: (error: unknown) => subscriber.error(error),
      complete: () => subscriber.complete(),
    })
  })
}

function oneBody(): Wrap {
  const bodies = new Map<string, Uint8Array>()
  return delivering(({ headers, body }) => {
    const key = Buffer.from(body).toString('hex')
    bodies.set(key, bodies.get(key) ?? body)
    return { headers, body: bodies.get(key) ?? body }
  })
}

function failsUnused(): Wrap {
  let used = false
  return broker => ({
    ...faced(broker),
    subscribe: (topic, options) => {
      used = true
      return broker.subscribe(topic, options)
    },
    publish: (topic, message, options) =>
      used
        ? broker.publish(topic, message, options)
        : throwError(() => new ServiceError('not_found', 'nobody')),
  })
}

function headOfLine(): Wrap {
  const lines = new Map<string, Set<() => void>>()
  return broker => ({
    ...faced(broker),
    publish: (topic, message, options) =>
      new Observable(subscriber => {
        const line = lines.get(topic) ?? new Set()
        lines.set(topic, line)
        if (line.size > 16) {
          subscriber.next({ subscriber: 'any', error: new ServiceError('resource_exhausted', 'full') })
          return subscriber.complete()
        }
        const unavailable = (error: ServiceError) => of({ subscriber: 'any', error })
        const reports = broker.publish(topic, message, options)
        const start = () => (alone ? reports : reports.pipe(catchError(unavailable))).subscribe(subscriber)
        const alone = line.size === 0
        line.add(start)
        if (alone) start()
        subscriber.add(() => {
          const [running] = line
          line.delete(start)
          const [next] = line
          if (running === start) next?.()
        })
        return undefined
      }),
  })
}

function uncounted(events: Events): Events {
  let first = true
  return events.pipe(
    map(event =>
      answering(event, delivery => {
        if (first) delivery.ack()
        first = false
        return delivery
      }),
    ),
  )
}

function detached(reports: Reports): Reports {
  return defer(() => {
    const kept = new ReplaySubject<DeliveryReport>()
    reports.subscribe(kept)
    return kept
  })
}

function angry(events: Events): Events {
  return new Observable(subscriber => {
    const inner = events
      .pipe(
        map(event =>
          answering(event, delivery => ({
            value: delivery.value,
            nack: error => delivery.nack(error),
            ack: () => {
              if (subscriber.closed) throw new Error('acked too late')
              delivery.ack()
            },
          })),
        ),
      )
      .subscribe(subscriber)
    return inner
  })
}

function leaking(events: Events): Events {
  return new Observable(subscriber => {
    const unanswered = new Set<Delivery<Message>>()
    const inner = events
      .pipe(map(event => answering(event, delivery => counting(delivery, unanswered))))
      .subscribe({
        next: event => {
          if (subscriber.closed && event.kind === 'delivery') event.delivery.ack()
          subscriber.next(event)
        },
        error: (error: unknown) => subscriber.error(error),
        complete: () => subscriber.complete(),
      })
    return () => (unanswered.size > 0 ? inner.unsubscribe() : undefined)
  })
}

function forgetsQueue(): Wrap {
  const left = new Subject<void>()
  return broker => ({
    ...faced(broker),
    subscribe: (topic, options) =>
      new Observable(subscriber => {
        const inner = broker.subscribe(topic, options).subscribe(subscriber)
        if (options?.queue !== undefined) inner.add(() => left.next())
        return inner
      }),
    publish: (topic, message, options) => {
      const forgotten = { subscriber: 'queue', error: new ServiceError('unavailable', 'forgotten') }
      return new Observable(subscriber => {
        subscriber.add(left.subscribe(() => from([forgotten]).subscribe(subscriber)))
        subscriber.add(broker.publish(topic, message, options).subscribe(subscriber))
      })
    },
  })
}

function quietEnd(events: Events): Events {
  let ready = false
  return events.pipe(
    map(event => ((ready = true), event)),
    catchError((error: unknown) => (ready ? EMPTY : throwError(() => error))),
  )
}
