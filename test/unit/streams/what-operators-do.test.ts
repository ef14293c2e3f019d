import {
  auditTime,
  buffer,
  concatMap,
  delay,
  filter,
  interval,
  map,
  mergeMap,
  observeOn,
  asyncScheduler,
  share,
  switchMap,
  tap,
  NEVER,
  type Observable,
} from 'rxjs'
import { describe, expect, test } from 'vitest'
import { bounded, createFlow, work, type Flow } from 'headrace/streams'
import { Deliverer } from '../../support/deliverer.js'
import { settle } from '../../support/virtual-clock.js'

/** The table of docs/streams.md, row by row: how many of 10,000 values a stream takes whose consumer is never done. */
const window = 8
const all = 10_000

const stuck = (): Observable<never> => NEVER

async function taken(use: (flow: Flow<number>) => Observable<unknown>): Promise<number | string> {
  const deliverer = new Deliverer(
    Array.from({ length: all }, (_, at) => at),
    window,
    true,
  )
  let failure: string | undefined
  const subscription = use(createFlow(deliverer.deliveries)).subscribe({
    error: (error: { kind: string }) => (failure = error.kind),
  })
  await settle(50)
  subscription.unsubscribe()
  return failure ?? deliverer.given.length
}

describe('a consumer that is never done is given', () => {
  test.each<[string, (flow: Flow<number>) => Observable<unknown>]>([
    ['work', flow => flow.pipe(work(stuck))],
    ['work with more at once', flow => flow.pipe(work(stuck, 4))],
    ['work behind map, filter and tap', flow => flow.pipe(map(String), filter(Boolean), tap(), work(stuck))],
    [
      'work behind work',
      flow =>
        flow.pipe(
          work(value => value),
          work(stuck),
        ),
    ],
    ['work behind share', flow => flow.pipe(share(), work(stuck))],
  ])('a window of values: %s', async (_, use) => {
    expect(await taken(use)).toBe(window)
  })

  test('a window of values: for await', async () => {
    const deliverer = new Deliverer(
      Array.from({ length: all }, (_, at) => at),
      window,
      true,
    )
    const iterator = createFlow(deliverer.deliveries)[Symbol.asyncIterator]()
    await iterator.next()
    await settle(50)
    expect(deliverer.given).toHaveLength(window)
    await iterator.return?.()
  })

  test.each<[string, (flow: Flow<number>) => Observable<unknown>]>([
    ['concatMap', flow => flow.pipe(concatMap(stuck))],
    ['mergeMap', flow => flow.pipe(mergeMap(stuck, 4))],
    ['switchMap', flow => flow.pipe(switchMap(stuck))],
    ['delay', flow => flow.pipe(delay(60_000))],
    ['auditTime', flow => flow.pipe(auditTime(60_000), work(stuck))],
    ['buffer', flow => flow.pipe(buffer(interval(60_000)), work(stuck))],
  ])('everything: %s', async (_, use) => {
    expect(await taken(use)).toBe(all)
  })

  test('256 values and then an error: work behind an asynchronous operator', async () => {
    expect(await taken(flow => flow.pipe(observeOn(asyncScheduler), work(stuck)))).toBe('resource_exhausted')
  })

  test('everything, of which so many are kept: bounded that drops', async () => {
    expect(await taken(flow => flow.pipe(bounded(16, 'drop-oldest'), work(stuck)))).toBe(all)
  })

  test('everything up to the bound, and then an error: bounded that fails', async () => {
    expect(await taken(flow => flow.pipe(bounded(16), work(stuck)))).toBe('resource_exhausted')
  })
})
