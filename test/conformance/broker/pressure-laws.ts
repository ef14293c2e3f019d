import assert from 'node:assert/strict'
import { lastValueFrom, type Subscription } from 'rxjs'
import { ServiceError } from 'headrace/streams'
import type { BrokerSubject } from './subject.js'
import { messageOf, openInbox, ordered, patient, publish, stalled, texts } from './inbox.js'
import { within, type Law } from '../law.js'

/** What happens when a subscriber is slow. */
export const pressureLaws: readonly Law<BrokerSubject>[] = [
  {
    name: 'a subscriber that does not answer stops no other',
    async prove({ publisher, subscriber, window, queueSize }) {
      await openInbox(subscriber, 'news', stalled)
      const free = await openInbox(subscriber, 'news')
      const pending: Subscription[] = []
      for (const text of texts(window + queueSize + 4)) {
        pending.push(publisher.publish('news', messageOf(text), patient).subscribe())
        await free.until(`'${text}'`, ({ texts }) => texts.at(-1) === text)
      }
      assert.equal(free.texts.length, window + queueSize + 4)
      for (const publish of pending) publish.unsubscribe()
    },
  },
  {
    name: 'no more than a window of deliveries is unanswered',
    async prove({ publisher, subscriber, window }) {
      const stuck = await openInbox(subscriber, 'news', stalled)
      const publishes = texts(window + 2).map(text => publish(publisher, 'news', text, { timeoutMs: 100 }))
      await Promise.all(publishes)
      assert.ok(stuck.texts.length <= window, `${stuck.texts.length} are unanswered, the window is ${window}`)
    },
  },
  {
    name: 'each answer asks for more, an ack and a nack alike',
    async prove({ publisher, subscriber, window, queueSize }) {
      const inbox = await openInbox(subscriber, 'news', stalled)
      const total = Math.min(queueSize, window + 4)
      const publishes = texts(total).map(text => publish(publisher, 'news', text, patient))
      for (let answered = 0; new Set(inbox.texts).size < total; answered += 1) {
        await inbox.until('one more', ({ texts }) => texts.length > answered)
        inbox.answer(answered % 3 < 2 ? new ServiceError('internal', 'the handler failed') : undefined)
      }
      inbox.answerAll()
      await Promise.all(publishes)
      assert.deepEqual(ordered([...new Set(inbox.texts)]), ordered(texts(total)))
    },
  },
  {
    name: 'a subscriber whose queue stays full misses the message, and the report says so: the others have it',
    async prove({ publisher, subscriber, window }) {
      const stuck = await openInbox(subscriber, 'news', stalled)
      const free = await openInbox(subscriber, 'news')
      const total = window + 2
      const publishes: ReturnType<typeof publish>[] = []
      for (const text of texts(total)) {
        publishes.push(publish(publisher, 'news', text, { timeoutMs: 500 }))
        await free.until(`'${text}'`, ({ texts }) => texts.at(-1) === text)
      }
      const reports = await Promise.all(publishes)
      for (const [index, report] of reports.entries()) {
        assert.equal(report.filter(({ error }) => error === undefined).length >= 1, true, `report ${index}`)
      }
      const last = reports.at(-1)?.map(({ error }) => error?.kind) ?? []
      assert.deepEqual(ordered(last.map(String)), ['resource_exhausted', 'undefined'])
      assert.deepEqual(stuck.texts, texts(stuck.texts.length))
    },
  },
  {
    name: 'a message that finds a queue full of unawaited ones fails at once',
    async prove({ publisher, subscriber, window, queueSize }) {
      await openInbox(subscriber, 'news', stalled)
      const pending = texts(window + queueSize).map(text =>
        publisher.publish('news', messageOf(text), patient).subscribe(),
      )
      const oneMore = lastValueFrom(publisher.publish('news', messageOf('one more'), patient))
      const tooMany = lastValueFrom(publisher.publish('news', messageOf('too many'), patient))
      const refused = await within(1_000, 'a refusal', Promise.race([oneMore, tooMany]))
      assert.equal(refused.error?.kind, 'resource_exhausted')
      for (const publish of pending) publish.unsubscribe()
    },
  },
  {
    name: 'unsubscribing from a publish drops what was not yet sent, and nothing else',
    async prove({ publisher, subscriber, window }) {
      const inbox = await openInbox(subscriber, 'news', stalled)
      const total = window + 2
      const kept = texts(total).map(text => publish(publisher, 'news', text, patient))
      await inbox.until('the first', ({ texts }) => texts.length > 0)
      const dropped = publisher.publish('news', messageOf('dropped'), patient).subscribe()
      await publish(publisher, 'nobody listens', 'time passes')
      dropped.unsubscribe()
      const last = publish(publisher, 'news', 'last', patient)
      for (let arrived = 1; arrived <= total + 1; arrived += 1) {
        await inbox.until(`message ${arrived}`, ({ texts }) => texts.length >= arrived)
        inbox.answer()
      }
      await Promise.all([...kept, last])
      assert.deepEqual(ordered(inbox.texts), ordered([...texts(total), 'last']))
    },
  },
  {
    name: 'a nacked message is delivered again',
    needs: 'redelivery',
    async prove({ publisher, subscriber }) {
      const inbox = await openInbox(subscriber, 'news', stalled)
      const published = publish(publisher, 'news', 'hello', patient)
      await inbox.until('the message', ({ texts }) => texts.length === 1)
      inbox.answer(new ServiceError('unavailable', 'not now'))
      await inbox.until('the message again', ({ texts }) => texts.length === 2)
      inbox.answer()
      assert.deepEqual(inbox.texts, ['hello', 'hello'])
      await published
    },
  },
]
