import assert from 'node:assert/strict'
import { firstValueFrom } from 'rxjs'
import { ServiceError } from 'headrace'
import { within, type Law } from '../law.js'
import { noting, type ExchangeSubject } from './subject.js'
import { startPair, until } from './test-service.js'

const rejected = async (call: PromiseLike<unknown>): Promise<ServiceError> => {
  const outcome: unknown = await within(5_000, 'the failure of a call', call).then(
    value => value,
    (error: unknown) => error,
  )
  assert(
    outcome instanceof ServiceError,
    `the call did not fail with a ServiceError: ${JSON.stringify(outcome)}`,
  )
  return outcome
}

/** What every unary call does. */
export const unaryLaws: readonly Law<ExchangeSubject>[] = [
  {
    name: 'a call is answered',
    async prove(subject) {
      const { client, options } = await startPair(subject)
      const answer = await within(5_000, 'an answer', client.echo({ text: 'Grüße', n: 7 }, options))
      assert.deepEqual({ ...answer }, { text: 'Grüße', n: 7 })
    },
  },
  {
    name: 'of many calls at once each gets its own answer',
    async prove(subject) {
      const { client, options } = await startPair(subject)
      const numbers = Array.from({ length: 200 }, (_, n) => n)
      const answers = Promise.all(numbers.map(async n => (await client.echo({ text: 'x', n }, options)).n))
      assert.deepEqual(await within(10_000, 'all answers', answers), numbers)
    },
  },
  {
    name: 'a large message arrives whole, both ways',
    async prove(subject) {
      const { client, options } = await startPair(subject)
      const text = 'ab€'.repeat(200_000)
      const answer = await within(10_000, 'a large answer', client.echo({ text, n: 1 }, options))
      assert.equal(answer.text === text, true)
    },
  },
  {
    name: 'nothing is sent before a Reply is awaited or subscribed, and each subscription is a call',
    async prove(subject) {
      const { client, options, notes } = await startPair(subject)
      const reply = client.echo({ text: 'x', n: 1 }, options)
      await within(5_000, 'another call', client.echo({ text: 'y', n: 1 }, options))
      assert.equal(notes.contexts.length, 1)
      await within(5_000, 'two subscriptions', Promise.all([firstValueFrom(reply), firstValueFrom(reply)]))
      assert.equal(notes.contexts.length, 3)
      await within(5_000, 'two awaits', Promise.all([reply, reply]))
      assert.equal(notes.contexts.length, 4)
    },
  },
  {
    name: 'the error of a handler arrives with its kind, code, id and detail',
    async prove(subject) {
      const { client, options } = await startPair(subject)
      const { kind, code, id, detail } = await rejected(client.echo({ text: 'fail', n: 0 }, options))
      assert.deepEqual([kind, code, id, detail], ['conflict', 409, 'test.handler', 'as it was told'])
    },
  },
  {
    name: 'an unknown endpoint is not_found, and so is an unknown service',
    async prove(subject) {
      const { caller, options } = await startPair(subject)
      const call = caller
        .client('test')
        .call('Test.Nothing', {}, { ...options, contentType: 'application/json' })
      assert.equal((await rejected(call)).kind, 'not_found')
      assert.equal((await rejected(caller.client('nobody').call('Test.Echo'))).kind, 'not_found')
    },
  },
  {
    name: 'metadata arrives, with the name of the calling service',
    async prove(subject) {
      const { client, options, notes } = await startPair(subject)
      const metadata = { 'X-Trace': 'träce 1' }
      await within(5_000, 'an answer', client.echo({ text: 'x', n: 1 }, { ...options, metadata }))
      const seen = notes.contexts[0]?.metadata
      assert.deepEqual([seen?.['X-Trace'], seen?.['X-Micro-From-Service']], ['träce 1', 'caller'])
    },
  },
  {
    name: 'a deadline ends the call with timeout and cancels the handler; the next hop gets what is left',
    async prove(subject) {
      const { client, options, notes } = await startPair(subject)
      await client.echo({ text: 'there is a connection', n: 0 }, options) // so that the next one is sent in time
      const late = client.echo({ text: 'wait', n: 0 }, { ...options, timeoutMs: 60 })
      assert.equal((await rejected(late)).kind, 'timeout')
      await within(
        5_000,
        'the cancellation of the handler',
        until(notes, () => notes.cancelled === 1),
      )
      const deadline = notes.contexts.at(-1)?.deadline
      assert(deadline !== undefined, 'the handler was told no deadline')
    },
  },
  {
    name: 'unsubscribing cancels the handler, and so does a signal',
    async prove(subject) {
      const { client, options, notes } = await startPair(subject)
      const subscription = client.echo({ text: 'wait', n: 0 }, options).subscribe({ error: () => undefined })
      await within(
        5_000,
        'the call',
        until(notes, () => notes.contexts.length === 1),
      )
      subscription.unsubscribe()
      await within(
        5_000,
        'the cancellation',
        until(notes, () => notes.cancelled === 1),
      )
      const controller = new AbortController()
      const failed = rejected(client.echo({ text: 'wait', n: 0 }, { ...options, signal: controller.signal }))
      await within(
        5_000,
        'the second call',
        until(notes, () => notes.contexts.length === 2),
      )
      controller.abort()
      assert.equal((await failed).kind, 'cancelled')
      await within(
        5_000,
        'the second cancellation',
        until(notes, () => notes.cancelled === 2),
      )
    },
  },
  {
    name: 'middleware runs around every call, the first listed outermost',
    async prove(subject) {
      const notes: string[] = []
      const { client, options } = await startPair(subject, {
        client: { client: [noting('client 1', notes), noting('client 2', notes)] },
        server: { handler: [noting('server 1', notes), noting('server 2', notes)] },
      })
      await within(5_000, 'an answer', client.echo({ text: 'x', n: 1 }, options))
      assert.deepEqual(notes, ['client 1 in', 'client 2 in', 'server 1 in', 'server 2 in'])
    },
  },
  {
    name: 'Debug.Health answers ok',
    async prove(subject) {
      const { caller } = await startPair(subject)
      const answer = await within(5_000, 'Debug.Health', caller.client('test').call('Debug.Health'))
      assert.deepEqual(answer, { status: 'ok' })
    },
  },
]
