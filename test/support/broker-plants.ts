import {
  EMPTY,
  Observable,
  ReplaySubject,
  Subject,
  catchError,
  concat,
  defer,
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
  type Delivery,
  type DeliveryReport,
  type Message,
  type Source,
  type StreamReport,
  type SubscriptionEvent,
} from 'headrace/streams'
import {
  faced,
  answering,
  delivering,
  subscribing,
  type Events,
  type Reports,
  type Wrap,
} from './broker-wraps.js'

const window = 4

// Faults of a broker that keep something in mind. What each does wrong is said in the table of broker-faults.ts.

export function deafToItself(): Wrap {
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

export function unfair(): Wrap {
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
  unanswered.add(delivery)
  return {
    value: delivery.value,
    ack: () => {
      unanswered.delete(delivery)
      delivery.ack()
    },
    nack: error => {
      unanswered.delete(delivery)
      delivery.nack(error)
    },
  }
}

export function reversed(): Wrap {
  return broker => {
    let burst: (() => void)[] = []
    const flush = () => {
      const turned = burst.length === 16 ? burst.reverse() : burst
      burst = []
      for (const publish of turned) publish()
    }
    return {
      ...faced(broker),
      publish: (topic, message, options) =>
        new Observable(subscriber => {
          if (burst.length === 0) queueMicrotask(flush)
          burst.push(() => {
            if (!subscriber.closed)
              subscriber.add(broker.publish(topic, message, options).subscribe(subscriber))
          })
        }),
    }
  }
}

export function oneBody(): Wrap {
  const bodies = new Map<string, Uint8Array>()
  return delivering(({ headers, body }) => {
    const key = Buffer.from(body).toString('hex')
    bodies.set(key, bodies.get(key) ?? body)
    return { headers, body: bodies.get(key) ?? body }
  })
}

export function failsUnused(): Wrap {
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

export function failsUnusedStream(): Wrap {
  let used = false
  return broker => ({
    ...faced(broker),
    subscribe: (topic, options) => {
      used = true
      return broker.subscribe(topic, options)
    },
    publishAll: (topic, messages, options) =>
      used
        ? broker.publishAll(topic, messages, options)
        : throwError(() => new ServiceError('not_found', 'nobody')),
  })
}

export function readAhead(source: Source<Message>): Source<Message> {
  if (!(Symbol.iterator in source)) return source
  return (function* () {
    const steps = source[Symbol.iterator]()
    const ahead: IteratorResult<Message, unknown>[] = []
    let broke: Error | undefined
    try {
      while (ahead.length < 500 && ahead.at(-1)?.done !== true) ahead.push(steps.next())
    } catch (error) {
      broke = ServiceError.from(error)
    }
    try {
      for (const { done, value } of ahead) if (done !== true) yield value
      if (broke !== undefined) throw broke
      if (ahead.at(-1)?.done !== true) yield* { [Symbol.iterator]: () => steps }
    } finally {
      steps.return?.()
    }
  })()
}

export function reportedLate(reports: Observable<StreamReport>): Observable<StreamReport> {
  return new Observable(subscriber => {
    const late: StreamReport[] = []
    const tell = () => {
      for (const report of late) subscriber.next(report)
    }
    return reports.subscribe({
      next: report => void late.push(report),
      error: (error: unknown) => {
        tell()
        subscriber.error(error)
      },
      complete: () => {
        tell()
        subscriber.complete()
      },
    })
  })
}

export function goesOn(reports: Observable<StreamReport>): Observable<StreamReport> {
  return defer(() => {
    const kept = new ReplaySubject<StreamReport>()
    reports.subscribe(kept)
    return kept
  })
}

export function headOfLine(): Wrap {
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

export function uncounted(events: Events): Events {
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

export function detached(reports: Reports): Reports {
  return defer(() => {
    const kept = new ReplaySubject<DeliveryReport>()
    reports.subscribe(kept)
    return kept
  })
}

export function angry(events: Events): Events {
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

export function leaking(events: Events): Events {
  return new Observable(subscriber => {
    const unanswered = new Set<Delivery<Message>>()
    let came = 0
    const inner = events
      .pipe(map(event => answering(event, delivery => counting(delivery, unanswered))))
      .subscribe({
        next: event => {
          if (event.kind === 'delivery') came += 1
          if (subscriber.closed && event.kind === 'delivery') event.delivery.ack()
          subscriber.next(event)
        },
        error: (error: unknown) => subscriber.error(error),
        complete: () => subscriber.complete(),
      })
    return () => (unanswered.size > 0 || came > 1 ? inner.unsubscribe() : undefined)
  })
}

export function forgetsQueue(): Wrap {
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

export function quietEnd(events: Events): Events {
  let ready = false
  return events.pipe(
    map(event => ((ready = true), event)),
    catchError((error: unknown) => (ready ? EMPTY : throwError(() => error))),
  )
}

/** No fault: what was nacked comes again. */
export function redelivered(events: Events): Events {
  const again = (event: SubscriptionEvent): Events =>
    new Observable(subscriber => {
      const repeat = (delivery: Delivery<Message>) => ({
        value: delivery.value,
        ack: () => {
          delivery.ack()
          subscriber.complete()
        },
        nack: () => queueMicrotask(() => subscriber.next(answering(event, repeat))),
      })
      subscriber.next(answering(event, repeat))
    })
  return events.pipe(mergeMap(event => (event.kind === 'delivery' ? again(event) : of(event))))
}
