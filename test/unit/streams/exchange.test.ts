import { EMPTY, Observable, defer, from, lastValueFrom, tap, throwError, toArray } from 'rxjs'
import { expect, test } from 'vitest'
import { compose, createFlow, mapFlow, type Context, type Exchange, type Middleware } from 'headrace/streams'
import { Deliverer } from '../../support/deliverer.js'

const context: Context = {
  service: 'greeter',
  endpoint: 'Greeter.Stream',
  side: 'server',
  peer: undefined,
  metadata: {},
  deadline: undefined,
  signal: new AbortController().signal,
}
const echo: Exchange<number, number> = requests => from(requests)
const answers = (exchange: Exchange<number, number>, ...requests: number[]) =>
  lastValueFrom(exchange(createFlow(new Deliverer(requests).deliveries), context).pipe(toArray()))

const logging =
  (log: string[], name: string): Middleware =>
  next =>
  (requests, context) =>
    defer(() => {
      log.push(`${name} begins ${context.endpoint}`)
      return next(requests, context).pipe(
        tap({ next: () => log.push(`${name} answer`), finalize: () => log.push(`${name} ends`) }),
      )
    })

test('the first listed middleware is the outermost', async () => {
  const log: string[] = []
  const exchange = compose([logging(log, 'outer'), logging(log, 'inner')])(echo)
  expect(log).toEqual([])
  expect(await answers(exchange, 1)).toEqual([1])
  expect(log).toEqual([
    'outer begins Greeter.Stream',
    'inner begins Greeter.Stream',
    'inner answer',
    'outer answer',
    'inner ends',
    'outer ends',
  ])
})

test('no middleware is the exchange itself', () => {
  expect(compose([])(echo)).toBe(echo)
})

test('middleware sees errors, and can answer without asking the exchange', async () => {
  const failing: Exchange<number, number> = () => throwError(() => new Error('down'))
  const seen: unknown[] = []
  const watching: Middleware = next => (requests, context) =>
    next(requests, context).pipe(tap({ error: error => seen.push(error) }))
  await expect(answers(compose([watching])(failing))).rejects.toThrow('down')
  expect(seen).toHaveLength(1)
  const refusing: Middleware = () => () => EMPTY
  expect(await answers(compose([refusing])(failing), 1)).toEqual([])
})

test('requests that mapFlow changed are pulled as before', async () => {
  const source = new Deliverer([1, 2, 3], 1)
  const touching: Middleware = next => (requests, context) =>
    next(
      mapFlow(requests, value => value),
      context,
    )
  const slow: Exchange<number, string> = requests =>
    new Observable(subscriber => {
      const read = async () => {
        for await (const value of requests) {
          subscriber.next(`${value} of ${source.given.length}`)
        }
        subscriber.complete()
      }
      read().catch((error: unknown) => subscriber.error(error))
    })
  const result = compose([touching])(slow)(createFlow(source.deliveries), context)
  expect(await lastValueFrom(result.pipe(toArray()))).toEqual(['1 of 1', '2 of 2', '3 of 3'])
})
