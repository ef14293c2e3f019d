import assert from 'node:assert/strict'
import type { Message } from 'headrace/streams'
import type { BrokerSubject } from './subject.js'
import {
  openInbox,
  openInboxes,
  ordered,
  patient,
  publish,
  publishMessage,
  stalled,
  texts,
  untilAll,
} from './inbox.js'
import type { Law } from '../law.js'

/** Who gets which message, in which order, and with which bytes. */
export const deliveryLaws: readonly Law<BrokerSubject>[] = [
  {
    name: 'a subscription first says that it is ready, and what is published from then on arrives',
    async prove({ publisher, subscriber }) {
      const inbox = await openInbox(subscriber, 'news')
      await publish(publisher, 'news', 'hello')
      await inbox.until('the message', ({ texts }) => texts.length > 0)
      assert.deepEqual(inbox.told, ['subscribed', 'delivery'])
    },
  },
  {
    name: 'every subscriber without a queue gets each message, on either handle',
    async prove({ publisher, subscriber }) {
      const inboxes = await openInboxes([publisher, subscriber, subscriber], 'news')
      for (const text of texts(5)) await publish(publisher, 'news', text)
      for (const inbox of inboxes) await inbox.until('five messages', ({ texts }) => texts.length >= 5)
      for (const inbox of inboxes) assert.deepEqual(inbox.texts, texts(5))
    },
  },
  {
    name: 'of each queue one subscriber gets each message',
    async prove({ publisher, subscriber }) {
      const red = await openInboxes([publisher, subscriber], 'news', { queue: 'red' })
      const blue = await openInboxes([subscriber, subscriber], 'news', { queue: 'blue' })
      for (const text of texts(16)) await publish(publisher, 'news', text)
      for (const members of [red, blue]) {
        const together = () => members.flatMap(({ texts }) => texts)
        await untilAll(members, 'sixteen messages', () => together().length >= 16)
        assert.deepEqual(ordered(together()), ordered(texts(16)))
      }
    },
  },
  {
    name: 'the members of a queue share the work',
    async prove({ publisher, subscriber }) {
      const inboxes = await openInboxes([publisher, subscriber], 'news', { queue: 'red' })
      for (const text of texts(48)) await publish(publisher, 'news', text)
      await untilAll(inboxes, 'a message for each', () => inboxes.every(({ texts }) => texts.length > 0))
    },
  },
  {
    name: 'messages of one publisher arrive in the order of the publishes',
    async prove({ publisher, subscriber, queueSize }) {
      const inbox = await openInbox(subscriber, 'news')
      await Promise.all(texts(queueSize).map(text => publish(publisher, 'news', text, patient)))
      await inbox.until('all', ({ texts }) => texts.length >= queueSize)
      assert.deepEqual(inbox.texts, texts(queueSize))
    },
  },
  {
    name: 'headers and bodies arrive exactly as they were',
    async prove({ publisher, subscriber }) {
      const inbox = await openInbox(subscriber, 'news')
      const sent = [0, 1, 255, 65_536, 1_048_576].map(strangeMessage)
      for (const message of sent) await publishMessage(publisher, 'news', message)
      await inbox.until('all', ({ deliveries }) => deliveries.length >= sent.length)
      for (const [index, { headers, body }] of sent.entries()) {
        const got = inbox.deliveries[index]?.value
        assert.deepEqual({ ...got?.headers }, { ...headers })
        assert.equal(
          Buffer.compare(got?.body ?? Buffer.from('none'), body),
          0,
          `a body of ${body.length} bytes`,
        )
      }
    },
  },
  {
    name: 'what a subscriber writes into a body shows at no other',
    async prove({ publisher, subscriber }) {
      const inboxes = await openInboxes([subscriber, subscriber], 'news', stalled)
      const published = publish(publisher, 'news', 'hello', patient)
      for (const inbox of inboxes) {
        await inbox.until('the message', ({ texts }) => texts.length > 0)
        assert.deepEqual(inbox.texts, ['hello'])
        inbox.deliveries[0]?.value.body.fill(0)
      }
      for (const inbox of inboxes) inbox.answerAll()
      await published
    },
  },
  {
    name: 'a topic is heard only by its own subscribers',
    async prove({ publisher, subscriber }) {
      const [news, letter] = [await openInbox(subscriber, 'news'), await openInbox(subscriber, 'newsletter')]
      await publish(publisher, 'news', 'hello')
      await publish(publisher, 'newsletter', 'rain')
      await news.until('the message', ({ texts }) => texts.length > 0)
      await letter.until('the message', ({ texts }) => texts.length > 0)
      assert.deepEqual([news.texts, letter.texts], [['hello'], ['rain']])
    },
  },
  {
    name: 'a publish that nobody listens to completes without a report',
    async prove({ publisher }) {
      assert.deepEqual(await publish(publisher, 'news', 'hello'), [])
    },
  },
  {
    name: 'a publish reports once for each subscriber and each queue',
    async prove({ publisher, subscriber }) {
      await openInboxes([subscriber, publisher], 'news')
      await openInboxes([subscriber, subscriber], 'news', { queue: 'red' })
      const reports = await publish(publisher, 'news', 'hello')
      assert.deepEqual(
        reports.map(({ error }) => error),
        [undefined, undefined, undefined],
      )
      assert.equal(new Set(reports.map(({ subscriber }) => subscriber)).size, 3, 'their names differ')
    },
  },
]

function strangeMessage(size: number): Message {
  const headers = {
    'Content-Type': 'application/octet-stream',
    'X-User-ID': 'cases stay',
    foo: 'bar',
    empty: '',
    text: 'Grüße, 世界 \u{1f600} "<&>" \\ \r\n\t',
  }
  return { headers, body: Uint8Array.from({ length: size }, (_, index) => (index * 7 + (index >> 8)) & 0xff) }
}
