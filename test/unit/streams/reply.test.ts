import { firstValueFrom, from, lastValueFrom, map, mergeMap, of, switchMap } from 'rxjs'
import { describe, expect, test } from 'vitest'
import { ServiceError, createReply, type Reply, type ReplyObserver } from 'headrace/streams'

/** A reply whose runs are recorded and answered by the test. */
function recorded<T>(begin: (observer: ReplyObserver<T>, run: number) => void) {
  const record = { runs: 0, cancels: 0 }
  const reply: Reply<T> = createReply(observer => {
    record.runs += 1
    begin(observer, record.runs)
    return () => void (record.cancels += 1)
  })
  return { reply, record }
}

const answering = () => recorded<number>((observer, run) => observer.answer(run))
const silent = () => recorded<number>(() => undefined)

describe('a Reply', () => {
  test('sends nothing while it is neither subscribed nor awaited', () => {
    const { reply, record } = answering()
    reply.pipe(map(value => value + 1))
    expect(record.runs).toBe(0)
  })

  test('runs anew for each subscription', async () => {
    const { reply, record } = answering()
    expect(await firstValueFrom(reply)).toBe(1)
    expect(await firstValueFrom(reply)).toBe(2)
    expect(record.runs).toBe(2)
  })

  test('runs once for all awaits', async () => {
    const { reply, record } = answering()
    expect([await reply, await reply]).toEqual([1, 1])
    expect(await Promise.all([reply, reply])).toEqual([1, 1])
    expect(await reply.catch(() => 0)).toBe(1)
    expect(await reply.finally(() => undefined)).toBe(1)
    expect(record.runs).toBe(1)
  })

  test('keeps the run of its awaits apart from its subscriptions', async () => {
    const { reply, record } = answering()
    const subscribed = firstValueFrom(reply)
    expect(await reply).toBe(2)
    expect(await subscribed).toBe(1)
    expect(record.runs).toBe(2)
  })

  test('returns real promises from then, catch and finally', () => {
    const { reply } = answering()
    expect(reply.then(value => value)).toBeInstanceOf(Promise)
    expect(reply.catch(() => undefined)).toBeInstanceOf(Promise)
    expect(reply.finally(() => undefined)).toBeInstanceOf(Promise)
  })

  test('fails its awaits and its subscriptions with the error of the operation', async () => {
    const error = new ServiceError('not_found', 'no such service')
    const { reply, record } = recorded<number>(observer => observer.fail(error))
    await expect(reply).rejects.toBe(error)
    await expect(firstValueFrom(reply)).rejects.toBe(error)
    expect(await reply.catch(reason => reason)).toBe(error)
    expect(record.runs).toBe(2)
  })

  test('fails when its operation throws while it starts', async () => {
    const reply = createReply<number>(() => {
      throw new ServiceError('bad_request', 'no body')
    })
    await expect(reply).rejects.toMatchObject({ kind: 'bad_request' })
    await expect(firstValueFrom(reply)).rejects.toMatchObject({ kind: 'bad_request' })
  })

  test('takes the first outcome and ignores the rest', async () => {
    const { reply } = recorded<number>(observer => {
      observer.answer(1)
      observer.answer(2)
      observer.fail(new Error('late'))
    })
    const seen: (number | string)[] = []
    reply.subscribe({ next: value => seen.push(value), complete: () => seen.push('complete') })
    expect(seen).toEqual([1, 'complete'])
    expect(await reply).toBe(1)
  })

  test('of nothing emits once and completes, so that it can be piped', async () => {
    const reply: Reply<void> = createReply(observer => {
      observer.answer(undefined)
      return () => undefined
    })
    expect(await reply).toBe(undefined)
    expect(await lastValueFrom(reply.pipe(map(() => 'done')))).toBe('done')
  })

  test('pipes to a plain Observable, which cannot be awaited', async () => {
    const { reply } = answering()
    const piped = reply.pipe(map(value => value * 10))
    expect('then' in piped).toBe(false)
    expect(await firstValueFrom(piped)).toBe(10)
  })

  test.each([
    ['from', (reply: Reply<number>) => from(reply)],
    ['switchMap', (reply: Reply<number>) => of(0).pipe(switchMap(() => reply))],
    ['mergeMap', (reply: Reply<number>) => of(0).pipe(mergeMap(() => reply))],
  ])('is subscribed, not awaited, by %s, so unsubscribing cancels it', (_, wrap) => {
    const { reply, record } = silent()
    const subscription = wrap(reply).subscribe()
    expect(record).toEqual({ runs: 1, cancels: 0 })
    subscription.unsubscribe()
    expect(record.cancels).toBe(1)
  })

  test('is not cancelled by an await that nobody follows any more', async () => {
    const { reply, record } = silent()
    await Promise.race([reply, Promise.resolve()])
    expect(record).toEqual({ runs: 1, cancels: 0 })
  })
})
