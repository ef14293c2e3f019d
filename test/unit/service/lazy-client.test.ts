import { Subject, from, lastValueFrom, map, toArray, type ObservableInput } from 'rxjs'
import { expect, test } from 'vitest'
import type { Client } from '../../../src/actors/client.js'
import type { CallTarget } from '../../../src/actors/client/call-plan.js'
import { LazyClient } from '../../../src/service/lazy-client.js'
import { createDelivery } from '../../../src/streams/delivery.js'
import { ServiceError } from '../../../src/streams/errors.js'
import { createFlow, createReply } from '../../../src/streams/flow.js'

const target: CallTarget = { service: 'greeter', definition: { name: 'Say.Hello', cardinality: 'unary' } }

/** A client that loads when it is told to, and says what is asked of it. */
function setup() {
  const told: string[] = []
  const waiting: { loaded(client: Client): void; failed(failure: unknown): void }[] = []
  const client: Client = {
    unary: (_, request) =>
      createReply(observer => {
        told.push(`call ${String(request)}`)
        if (request !== 'hangs') observer.answer(request as never)
        return () => told.push(`cancel ${String(request)}`)
      }),
    collect: () => createReply(() => () => undefined),
    stream: (_, requests) =>
      createFlow(
        from(requests as ObservableInput<never>).pipe(map(value => createDelivery(value, () => undefined))),
      ),
  }
  const source = {
    ready: undefined as Client | undefined,
    withClient: (loaded: (client: Client) => void, failed: (failure: unknown) => void) =>
      void waiting.push({ loaded, failed }),
  }
  const load = () => {
    for (const { loaded } of waiting.splice(0)) loaded(client)
  }
  return { told, waiting, client, source, load, lazy: new LazyClient(source) }
}

test('calls that are made before the client is loaded run when it is, in their order', async () => {
  const { told, lazy, load } = setup()
  const answers = Promise.all([lazy.unary(target, 'a'), lazy.unary(target, 'b')])
  await Promise.resolve()
  expect(told).toEqual([])
  load()
  expect(await answers).toEqual(['a', 'b'])
  expect(told).toEqual(['call a', 'call b'])
})

test('a call that was given up before the client is loaded never runs, one that runs is cancelled', () => {
  const { told, lazy, load } = setup()
  const [early, late] = [lazy.unary(target, 'early'), lazy.unary(target, 'hangs')].map(reply =>
    reply.subscribe(),
  )
  early?.unsubscribe()
  load()
  expect(told).toEqual(['call hangs'])
  late?.unsubscribe()
  expect(told).toEqual(['call hangs', 'cancel hangs'])
})

test('when loading fails, so does the call, unless nobody waits for it any more', async () => {
  const { waiting, lazy } = setup()
  const error = new ServiceError('unavailable', 'no registry')
  const awaited = lazy.unary(target, 'a').then(
    () => 'answered',
    (failure: unknown) => failure,
  )
  await Promise.resolve()
  const given = lazy.unary(target, 'b').subscribe({ error: () => expect.fail('it was given up') })
  given.unsubscribe()
  for (const { failed } of waiting) failed(error)
  expect(await awaited).toBe(error)
})

test('requests that are pushed before the client is loaded are kept, and nobody is listened to after a give-up', async () => {
  const { lazy, load } = setup()
  const requests = new Subject<string>()
  const answers = lastValueFrom(lazy.stream<string>(target, requests).pipe(toArray()))
  requests.next('a')
  load()
  requests.next('b')
  requests.complete()
  expect(await answers).toEqual(['a', 'b'])
  const others = new Subject<string>()
  const stream = lazy.stream(target, others).subscribe()
  expect(others.observed).toBe(true)
  stream.unsubscribe()
  expect(others.observed).toBe(false)
})
