import { Observable, catchError, map, skip, throwError, type OperatorFunction } from 'rxjs'
import { ServiceError, type CallOptions, type Middleware, type Service } from 'headrace'
import type { Context } from 'headrace/streams'
import type { ExchangeSubject, Item } from '../conformance/exchange.suite.js'

/** Spoils a subject: what its services do breaks one law. */
export type Plant = (subject: ExchangeSubject) => ExchangeSubject

/** A fault for each law of client with server: how the law begins, what the planted client or server does, and the plant. */
export const exchangeFaults: readonly (readonly [law: string, fault: string, plant: Plant])[] = [
  [
    'a call is answered',
    'loses umlauts',
    answers(
      'Test.Echo',
      map(item => ({ ...item, text: item.text.replaceAll('ü', 'u') })),
    ),
  ],
  ['of many calls at once', 'mixes answers up under load', around('client', mixedUp())],
  [
    'a large message arrives whole',
    'cuts long texts',
    answers(
      'Test.Echo',
      map(item => ({ ...item, text: item.text.slice(0, 100_000) })),
    ),
  ],
  [
    'nothing is sent before a Reply',
    'calls once for each await',
    calls(echo => (...args) => {
      const reply = echo(...args)
      return Object.assign(reply, {
        then: (...then: Parameters<typeof reply.then>) => echo(...args).then(...then),
      })
    }),
  ],
  [
    'the error of a handler arrives',
    'forgets who failed',
    answers(
      'Test.Echo',
      catchError(({ kind, detail }: ServiceError) => throwError(() => new ServiceError(kind, detail))),
    ),
  ],
  [
    'an unknown endpoint is not_found',
    'does not know why there is nobody',
    around(
      'client',
      next => (requests, context) =>
        next(requests, context).pipe(
          catchError((error: ServiceError) =>
            throwError(() =>
              context.service === 'nobody' ? new ServiceError('internal', error.detail) : error,
            ),
          ),
        ),
    ),
  ],
  [
    'metadata arrives',
    'forgets it',
    around('handler', next => (requests, context) => next(requests, changed(context, { metadata: {} }))),
  ],
  [
    'a deadline ends the call',
    'tells the handler nothing of it',
    around(
      'handler',
      next => (requests, context) => next(requests, changed(context, { deadline: undefined })),
    ),
  ],
  [
    'unsubscribing cancels the handler',
    'is deaf to signals',
    calls(
      echo => (request, options) =>
        echo(request, options?.signal === undefined ? options : withoutSignal(options)),
    ),
  ],
  [
    'middleware runs around every call',
    'runs the last listed first',
    subject => ({
      ...subject,
      makeService: (name, { client = [], handler = [] } = {}) =>
        subject.makeService(name, { client: [...client].reverse(), handler: [...handler].reverse() }),
    }),
  ],
  [
    'Debug.Health answers ok',
    'is not well',
    around(
      'client',
      next => (requests, context) =>
        next(requests, context).pipe(
          map(answer => (context.endpoint === 'Debug.Health' ? ({ status: 'ill' } as never) : answer)),
        ),
    ),
  ],
  ['a server stream arrives whole', 'loses an item', answers('Test.Count', lossy(2_500))],
  [
    'a client stream gets one answer',
    'skips the first request',
    around(
      'handler',
      next => (requests, context) =>
        next(context.endpoint === 'Test.Sum' ? (requests.pipe(skip(1)) as never) : requests, context),
    ),
  ],
  ['in a bidirectional stream', 'answers one request late', answers('Test.Talk', late())],
  [
    'an error of the handler arrives after',
    'lets the error overtake the last item',
    answers('Test.Count', late()),
  ],
  [
    'leaving a stream early',
    'does not close its source',
    counting(items => ({ [Symbol.iterator]: () => ({ next: () => items.next() }) }), 'x'),
  ],
  [
    'a consumer that has stopped',
    'reads its source to the end at once',
    counting(items => [...items], 'x'.repeat(1_024)),
  ],
  [
    'middleware runs around streams',
    'does not run it there',
    subject => ({
      ...subject,
      makeService: (name, { client = [], handler = [] } = {}) =>
        subject.makeService(name, {
          client: client.map(notAround('Test.Talk')),
          handler: handler.map(notAround('Test.Talk')),
        }),
    }),
  ],
  [
    'a stream to an unknown endpoint',
    'does not know why it failed',
    services(service =>
      override(service, {
        client: (first: never, name: never) => {
          const client = (
            service.client as (...args: unknown[]) => { stream?: (...args: unknown[]) => Observable<unknown> }
          )(first, name)
          const { stream } = client
          if (stream === undefined) return client
          return {
            ...client,
            stream: (...args: unknown[]) =>
              stream(...args).pipe(
                catchError(() => throwError(() => new ServiceError('internal', 'failed'))),
              ),
          }
        },
      }),
    ),
  ],
]

/** Changes the services that a subject makes. */
function services(change: (service: Service) => Service): Plant {
  return subject => ({
    ...subject,
    makeService: (name, middleware) => change(subject.makeService(name, middleware)),
  })
}

function override(service: Service, changes: object): Service {
  return new Proxy(service, {
    get(target, key) {
      if (Object.hasOwn(changes, key)) return Reflect.get(changes, key) as unknown
      const value: unknown = Reflect.get(target, key)
      return typeof value === 'function' ? (value.bind(target) as unknown) : value
    },
  })
}

/** Puts a middleware inside all others. */
function around(side: 'client' | 'handler', middleware: Middleware): Plant {
  return subject => ({
    ...subject,
    makeService: (name, given = {}) =>
      subject.makeService(name, { ...given, [side]: [...(given[side] ?? []), middleware] }),
  })
}

/** Changes the answers that clients get from one endpoint. */
function answers(endpoint: string, change: OperatorFunction<Item, Item>): Plant {
  return around('client', next => (requests, context) => {
    const items = next(requests, context)
    return context.endpoint === endpoint ? items.pipe(change as never) : items
  })
}

type Echo = (request: Item, options?: CallOptions) => Observable<Item> & PromiseLike<Item>

/** Changes how a typed client calls `echo`. */
function calls(change: (echo: Echo) => Echo): Plant {
  return services(service =>
    override(service, {
      client: (first: never, name: never) => {
        const client = (service.client as (...args: unknown[]) => { echo?: Echo })(first, name)
        return client.echo === undefined ? client : { ...client, echo: change(client.echo) }
      },
    }),
  )
}

/** Changes what the handler of `count` returns for one text. */
function counting(change: (items: Generator<Item>) => Iterable<Item>, text: string): Plant {
  return services(service =>
    override(service, {
      handle: (definition: never, handlers: { count(request: Item): Generator<Item> }) => {
        const count = (request: Item) =>
          request.text === text ? change(handlers.count(request)) : handlers.count(request)
        service.handle(definition, { ...handlers, count } as never)
      },
    }),
  )
}

function notAround(endpoint: string): (middleware: Middleware) => Middleware {
  return middleware => next => {
    const inner = middleware(next)
    return (requests, context) => (context.endpoint === endpoint ? next : inner)(requests, context)
  }
}

function changed(context: Context, changes: Partial<Context>): Context {
  return Object.create(context, Object.getOwnPropertyDescriptors(changes)) as Context
}

function withoutSignal({ signal: _, ...options }: CallOptions): CallOptions {
  return { ...options, timeoutMs: 300 }
}

/** With a hundred calls under way, a call gets the answer to the one before it. */
function mixedUp(): Middleware {
  let underWay = 0
  let last: unknown
  return next => (requests, context) =>
    new Observable(subscriber => {
      underWay += 1
      subscriber.add(() => (underWay -= 1))
      return next(requests, context)
        .pipe(
          map(answer => {
            const given = underWay >= 100 && last !== undefined ? last : answer
            last = answer
            return given as typeof answer
          }),
        )
        .subscribe(subscriber)
    })
}

function lossy(lost: number): OperatorFunction<Item, Item> {
  return items =>
    new Observable(subscriber =>
      items.subscribe({
        next: item => item.n !== lost && subscriber.next(item),
        error: error => subscriber.error(error),
        complete: () => subscriber.complete(),
      }),
    )
}

/** Gives each item when the next one comes, and the last one with the end. */
function late(): OperatorFunction<Item, Item> {
  return items =>
    new Observable(subscriber => {
      const held: Item[] = []
      return items.subscribe({
        next: item => {
          for (const one of held.splice(0)) subscriber.next(one)
          held.push(item)
        },
        error: error => subscriber.error(error),
        complete: () => {
          for (const one of held.splice(0)) subscriber.next(one)
          subscriber.complete()
        },
      })
    })
}
