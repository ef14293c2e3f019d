import assert from 'node:assert/strict'
import { Subject, firstValueFrom, lastValueFrom, take, tap, toArray } from 'rxjs'
import { ServiceError } from 'headrace'
import { within, type Law } from '../law.js'
import { noting, type ExchangeSubject, type Item } from './subject.js'
import { startPair, until } from './test-service.js'

/** What every stream does. */
export const streamLaws: readonly Law<ExchangeSubject>[] = [
  {
    name: 'a server stream arrives whole and in order, then completes',
    async prove(subject) {
      const { client, options } = await startPair(subject)
      const items = await within(
        10_000,
        'a stream',
        lastValueFrom(client.count({ text: 'x', n: 3_000 }, options).pipe(toArray())),
      )
      assert.deepEqual(
        items.map(({ n }) => n),
        Array.from({ length: 3_000 }, (_, n) => n),
      )
    },
  },
  {
    name: 'a client stream gets one answer to all it sent',
    async prove(subject) {
      const { client, options } = await startPair(subject)
      const requests = Array.from({ length: 100 }, (_, n) => ({ text: 'a', n }))
      const { text, n } = await within(5_000, 'an answer', client.sum(requests, options))
      assert.deepEqual([text.length, n], [100, 4_950])
    },
  },
  {
    name: 'in a bidirectional stream neither side waits for the other',
    async prove(subject) {
      const { client, options } = await startPair(subject)
      const requests = new Subject<Item>()
      const answers = client.talk(requests, options)[Symbol.asyncIterator]()
      for (let n = 0; n < 5; n += 1) {
        const answer = answers.next()
        await Promise.resolve()
        requests.next({ text: 'x', n })
        assert.equal((await within(5_000, `answer ${n}`, answer)).value?.n, n)
      }
      requests.complete()
      assert.equal((await within(5_000, 'the end', answers.next())).done, true)
    },
  },
  {
    name: 'an error of the handler arrives after what it had sent',
    async prove(subject) {
      const { client, options } = await startPair(subject)
      const seen: number[] = []
      const items = client.count({ text: 'fail', n: 3 }, options).pipe(tap(({ n }) => seen.push(n)))
      const failure: unknown = await within(
        5_000,
        'the failure',
        lastValueFrom(items).catch((error: unknown) => error),
      )
      assert(failure instanceof ServiceError && failure.kind === 'conflict', String(failure))
      assert.deepEqual(seen, [0, 1, 2])
    },
  },
  {
    name: 'leaving a stream early ends the source of its handler',
    async prove(subject) {
      const { client, options, notes } = await startPair(subject)
      const count = () => client.count({ text: 'x', n: 10_000_000 }, options)
      await within(5_000, 'three items', lastValueFrom(count().pipe(take(3))))
      await within(
        5_000,
        'the end of the generator',
        until(notes, () => notes.cancelled === 1),
      )
      for await (const { n } of count()) if (n === 2) break
      await within(
        5_000,
        'the end of the second generator',
        until(notes, () => notes.cancelled === 2),
      )
    },
  },
  {
    name: 'a consumer that has stopped holds up its handler',
    async prove(subject) {
      const { client, options, notes } = await startPair(subject)
      const items = client.count({ text: 'x'.repeat(1_024), n: 200_000 }, options)[Symbol.asyncIterator]()
      await within(5_000, 'the first item', items.next())
      // It has come to rest when nothing was asked of it for a while.
      let [before, quiet] = [-1, 0]
      while (quiet < 3) {
        quiet = before === notes.asked ? quiet + 1 : 0
        before = notes.asked
        await new Promise<void>(resolve => setTimeout(resolve, 15))
      }
      // The window, what kernel buffers hold of such messages, and a queue on the way.
      assert(notes.asked < 40_000, `the handler was asked for ${notes.asked} messages that nobody reads`)
      await items.return?.()
      await within(
        5_000,
        'the end of the generator',
        until(notes, () => notes.cancelled === 1),
      )
    },
  },
  {
    name: 'middleware runs around streams, and they stay in flow',
    async prove(subject) {
      const notes: string[] = []
      const { client, options } = await startPair(subject, {
        client: { client: [noting('client', notes)] },
        server: { handler: [noting('server', notes)] },
      })
      const requests = Array.from({ length: 2_000 }, (_, n) => ({ text: 'x', n }))
      let answers = 0
      for await (const { n } of client.talk(requests, options)) assert.equal(n, answers++)
      assert.deepEqual([answers, notes], [2_000, ['client in', 'server in']])
    },
  },
  {
    name: 'a stream to an unknown endpoint fails with not_found',
    async prove(subject) {
      const { caller } = await startPair(subject)
      const answers = caller.client('test').stream('Test.Nothing', [{}])
      const failure: unknown = await within(
        5_000,
        'the failure',
        firstValueFrom(answers).catch((error: unknown) => error),
      )
      assert(failure instanceof ServiceError && failure.kind === 'not_found', String(failure))
    },
  },
]
