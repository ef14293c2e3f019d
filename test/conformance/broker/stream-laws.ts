import assert from 'node:assert/strict'
import { Subject } from 'rxjs'
import { ServiceError, type Message } from 'headrace/streams'
import {
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
import { Publication } from './publication.js'
import type { BrokerSubject } from './subject.js'
import { within, type Law } from '../law.js'

/** So many messages may be on their way besides those of a window and a queue: a broker reads a few at a time. */
const readAhead = 64

/** What is published as a stream: who gets it, at which pace, and what the reports say. */
export const streamLaws: readonly Law<BrokerSubject>[] = [
  {
    name: 'a published stream arrives whole and in order at every subscriber, and at one of each queue',
    async prove({ publisher, subscriber }) {
      const alone = await openInboxes([subscriber, publisher], 'news')
      const queue = await openInboxes([subscriber, publisher], 'news', { queue: 'red' })
      const publication = new Publication(publisher, 'news', texts(50).map(messageOf))
      await publication.done()
      for (const { texts: arrived } of alone) assert.deepEqual(arrived, texts(50))
      const shared = new Set(queue.flatMap(({ texts }) => texts))
      assert.deepEqual(ordered([...shared]), ordered(texts(50)))
      const numbers = publication.reports.map(({ subscriber: _, ...rest }) => rest)
      const whole = { acked: 50, nacked: 0, missed: 0, unanswered: 0 }
      assert.deepEqual(numbers, [whole, whole, whole])
    },
  },
  {
    name: 'a published stream is read as its slowest subscriber answers',
    async prove({ publisher, subscriber, window, queueSize }) {
      const [slow, free] = [await openInbox(subscriber, 'news', stalled), await openInbox(subscriber, 'news')]
      const total = window + queueSize + readAhead + 200
      let read = 0
      const source = (function* () {
        for (const text of texts(total)) {
          read += 1
          yield messageOf(text)
        }
      })()
      const publication = new Publication(publisher, 'news', source, patient)
      await untilAll([slow, free], 'the first', () => slow.texts.length * free.texts.length > 0)
      for (let turn = 0; turn < 10; turn += 1) await publish(publisher, 'nobody listens', 'time passes')
      assert.ok(
        read <= window + queueSize + readAhead,
        `${read} messages were read of a stream that is stuck`,
      )
      for (let answered = 0; answered < total; answered += 1) {
        await slow.until(`message ${answered}`, ({ texts }) => texts.length > answered)
        slow.answer()
      }
      await publication.done()
      assert.deepEqual([slow.texts.length, free.texts.length], [total, total])
    },
  },
  {
    name: 'a subscriber without room for a published stream misses messages after a time, and its report counts them',
    async prove({ publisher, subscriber, window, queueSize }) {
      const stuck = await openInbox(subscriber, 'news', stalled)
      const free = await openInbox(subscriber, 'news')
      const total = window + queueSize + readAhead + 100
      const publication = new Publication(publisher, 'news', texts(total).map(messageOf), { timeoutMs: 300 })
      await publication.done()
      assert.equal(free.texts.length, total)
      const report = publication.reports.find(({ error }) => error !== undefined)
      assert.equal(report?.error?.kind, 'resource_exhausted')
      const { acked, missed, unanswered } = report
      assert.ok(missed > 0 && acked < stuck.texts.length, JSON.stringify(report))
      assert.equal(acked + missed + unanswered, total)
    },
  },
  {
    name: 'who comes during a published stream gets what follows, and who leaves is reported on at once',
    async prove({ publisher, subscriber }) {
      const leaving = await openInbox(subscriber, 'news')
      const source = new Subject<Message>()
      const publication = new Publication(publisher, 'news', source, patient)
      await leaving.until('the first', ({ texts }) => {
        if (texts.length === 0) queueMicrotask(() => source.next(messageOf('first')))
        return texts.length > 0
      })
      const coming = await openInbox(subscriber, 'news')
      source.next(messageOf('second'))
      await untilAll([leaving, coming], 'the second', () => leaving.texts.length * coming.texts.length > 0)
      leaving.unsubscribe()
      await publication.until('the report on who left', ({ reports }) => reports.length > 0)
      source.next(messageOf('third'))
      source.complete()
      await publication.done()
      assert.deepEqual(coming.texts, ['second', 'third'])
      assert.deepEqual(
        publication.reports.map(({ acked, nacked, missed, unanswered }) => [
          acked,
          nacked,
          missed + unanswered,
        ]),
        [
          [2, 0, 0],
          [2, 0, 0],
        ],
      )
    },
  },
  {
    name: 'an error of its source ends a published stream, behind the reports on what came before',
    async prove({ publisher, subscriber }) {
      const inbox = await openInbox(subscriber, 'news')
      const source = (function* () {
        for (const text of texts(3)) yield messageOf(text)
        throw new ServiceError('conflict', 'the source broke')
      })()
      const publication = new Publication(publisher, 'news', source)
      await publication.until('its end', ({ end }) => end !== undefined)
      assert.equal(publication.endKind, 'conflict')
      assert.deepEqual(ordered(inbox.texts), texts(3))
      assert.deepEqual(
        publication.reports.map(({ acked }) => acked),
        [3],
      )
    },
  },
  {
    name: 'unsubscribing from a published stream closes its source',
    async prove({ publisher, subscriber }) {
      const inbox = await openInbox(subscriber, 'news', stalled)
      let closed: () => void = () => undefined
      const closing = new Promise<void>(resolve => (closed = resolve))
      const source = (function* () {
        try {
          for (;;) yield messageOf('more')
        } finally {
          closed()
        }
      })()
      const publication = new Publication(publisher, 'news', source, patient)
      await inbox.until('the first', ({ texts }) => texts.length > 0)
      publication.unsubscribe()
      await within(2_000, 'the end of the source', closing)
    },
  },
  {
    name: 'what a subscriber nacks of a published stream is counted, with the error',
    needs: 'nacks',
    async prove({ publisher, subscriber }) {
      const inbox = await openInbox(subscriber, 'news', stalled)
      const publication = new Publication(publisher, 'news', texts(3).map(messageOf), patient)
      for (let answered = 0; answered < 3; answered += 1) {
        await inbox.until(`message ${answered}`, ({ texts }) => texts.length > answered)
        inbox.answer(answered === 1 ? new ServiceError('conflict', 'the handler failed') : undefined)
      }
      await publication.done()
      const [report] = publication.reports
      assert.deepEqual([report?.acked, report?.nacked, report?.error?.kind], [2, 1, 'conflict'])
    },
  },
  {
    name: 'a published stream that nobody listens to is read to its end, without a report',
    async prove({ publisher }) {
      const publication = new Publication(publisher, 'news', texts(200).map(messageOf))
      await publication.done()
      assert.deepEqual(publication.reports, [])
    },
  },
  {
    name: 'closing the publisher ends a published stream: with reports, and unavailable',
    async prove({ publisher, subscriber }) {
      const inbox = await openInbox(subscriber, 'news', stalled)
      const publication = new Publication(publisher, 'news', new Subject<Message>().pipe(), patient)
      const more = new Publication(publisher, 'news', texts(2).map(messageOf), patient)
      await inbox.until('a message', ({ texts }) => texts.length > 0)
      await publisher.close()
      for (const each of [publication, more]) await each.until('its end', ({ end }) => end !== undefined)
      assert.deepEqual([publication.endKind, publication.reports.length], ['unavailable', 1])
      assert.deepEqual([more.endKind, more.reports.length], ['unavailable', 1])
    },
  },
]
