import assert from 'node:assert/strict'
import { firstValueFrom, toArray } from 'rxjs'
import { ServiceError } from 'headrace/streams'
import type { BrokerSubject } from './subject.js'
import {
  failsWith,
  messageOf,
  openInbox,
  openInboxes,
  ordered,
  patient,
  publish,
  stalled,
  texts,
  untilAll,
} from './inbox.js'
import { within, type Law } from '../law.js'

/** What unsubscribing, closing and losing the broker do. */
export const endingLaws: readonly Law<BrokerSubject>[] = [
  {
    name: 'unsubscribing during a handler stops the deliveries, and a late answer does no harm',
    async prove({ publisher, subscriber }) {
      const [leaving, staying] = [
        await openInbox(subscriber, 'news', stalled),
        await openInbox(subscriber, 'news'),
      ]
      const first = publish(publisher, 'news', 'first', patient)
      await untilAll([leaving, staying], 'the first', () => leaving.texts.length * staying.texts.length > 0)
      leaving.unsubscribe()
      leaving.answer()
      await first
      await publish(publisher, 'news', 'second')
      await staying.until('the second', ({ texts }) => texts.includes('second'))
      assert.deepEqual([leaving.texts, staying.texts], [['first'], ['first', 'second']])
    },
  },
  {
    name: 'who has unsubscribed is no longer reported on',
    async prove({ publisher, subscriber }) {
      const inbox = await openInbox(subscriber, 'news')
      assert.equal((await publish(publisher, 'news', 'hello')).length, 1)
      inbox.unsubscribe()
      const nobody = async () => {
        while ((await publish(publisher, 'news', 'hello')).length > 0) await new Promise(setImmediate)
      }
      await within(5_000, 'a publish without reports', nobody())
    },
  },
  {
    name: 'what waits for a queue goes to its other members when one unsubscribes',
    async prove({ publisher, subscriber, window }) {
      const total = 2 * window + 2
      const members = await openInboxes([subscriber, subscriber], 'news', { queue: 'red', ack: false })
      const [leaving, staying] = members
      const publishes = texts(total).map(text => publish(publisher, 'news', text, patient))
      await untilAll(members, 'one for each', () => members.every(({ texts }) => texts.length > 0))
      leaving?.unsubscribe()
      const arrived = () => members.flatMap(({ texts }) => texts)
      while (arrived().length < total) {
        const before = arrived().length
        staying?.answer()
        await untilAll(members, 'the next', () => arrived().length > before)
      }
      staying?.answerAll()
      assert.deepEqual(ordered(arrived()), ordered(texts(total)))
      const errors = (await Promise.all(publishes)).flat().flatMap(({ error }) => error ?? [])
      assert.deepEqual(errors, [])
    },
  },
  {
    name: 'what waits for the last subscriber of a queue is reported as unavailable when it unsubscribes',
    async prove({ publisher, subscriber, window }) {
      const leaving = await openInbox(subscriber, 'news', stalled)
      const publishes = texts(window + 2).map(text => publish(publisher, 'news', text, patient))
      await leaving.until('the first', ({ texts }) => texts.length > 0)
      leaving.unsubscribe()
      const errors = (await Promise.all(publishes)).flat().flatMap(({ error }) => error ?? [])
      assert.deepEqual([...new Set(errors.map(({ kind }) => kind))], ['unavailable'])
    },
  },
  {
    name: 'a closed broker has completed its subscriptions and events, takes nothing more, and can be closed again',
    async prove({ publisher, subscriber }) {
      const inbox = await openInbox(subscriber, 'news')
      const events = firstValueFrom(subscriber.events.pipe(toArray()))
      const closing = subscriber.close()
      assert.equal(subscriber.close(), closing, 'one promise for all calls')
      await within(5_000, 'close', closing)
      assert.equal(inbox.end, 'completed')
      await within(5_000, 'the end of the events', events)
      await failsWith('unavailable', publish(subscriber, 'news', 'hello'))
      await failsWith('unavailable', openInbox(subscriber, 'news'))
      await within(5_000, 'close of a broker that was not used', publisher.close())
    },
  },
  {
    name: 'closing the publisher ends what waits, with reports',
    async prove({ publisher, subscriber, window }) {
      const inbox = await openInbox(subscriber, 'news', stalled)
      const reports = texts(window + 2).map(text =>
        firstValueFrom(publisher.publish('news', messageOf(text), patient).pipe(toArray())),
      )
      await inbox.until('the first', ({ texts }) => texts.length > 0)
      await publisher.close()
      const last = (await within(5_000, 'the reports', Promise.all(reports))).at(-1)
      assert.deepEqual(
        last?.map(({ error }) => error?.kind),
        ['unavailable'],
      )
    },
  },
  {
    name: 'a lost broker ends subscriptions with unavailable, and one can subscribe again',
    needs: 'loss',
    async prove({ publisher, subscriber, disconnect, reconnect }) {
      const inbox = await openInbox(subscriber, 'news')
      disconnect?.()
      await inbox.until('its end', ({ end }) => end !== undefined)
      assert.equal(inbox.end instanceof ServiceError ? inbox.end.kind : inbox.end, 'unavailable')
      await failsWith('unavailable', publish(publisher, 'news', 'hello'))
      await failsWith('unavailable', openInbox(subscriber, 'news'))
      reconnect?.()
      const again = await openInbox(subscriber, 'news')
      await publish(publisher, 'news', 'hello')
      await again.until('the message', ({ texts }) => texts.length > 0)
    },
  },
]
