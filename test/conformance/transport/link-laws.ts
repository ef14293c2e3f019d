import { deepEqual, equal, ok, throws } from 'node:assert/strict'
import { ServiceError, type Channel } from 'headrace/streams'
import type { Law } from '../law.js'
import {
  answerOn,
  dial,
  endOf,
  listen,
  message,
  replyTo,
  request,
  sized,
  textOf,
  until,
  pause,
} from './peers.js'
import type { TransportSubject } from './subject.js'

/** Requests: one message there, one back. */
export const linkLaws: readonly Law<TransportSubject>[] = [
  {
    name: 'a reply comes back byte for byte, from nothing to 4 MiB',
    prove: async ({ server, client, address }) => {
      const listening = await listen(server, address, channel => answerOn(channel, value => value))
      const link = await dial(client, listening.address)
      for (const bytes of [0, 1, 2, 1023, 65_535, 65_536, 262_145, 4 * 1024 * 1024]) {
        const sent = sized(bytes)
        const { body } = await replyTo(link, sent)
        ok(Buffer.from(body).equals(sent.body), `${bytes} bytes`)
      }
    },
  },
  {
    name: 'headers arrive in both directions, whatever text they hold',
    prove: async ({ server, client, address }) => {
      const headers = {
        'Content-Type': 'text/plain',
        'X-Empty': '',
        'X-Text': 'größer: 日本',
        'X-User-Id': '42',
      }
      const seen: Record<string, string>[] = []
      const listening = await listen(server, address, channel =>
        answerOn(channel, value => {
          seen.push({ ...value.headers })
          return { headers: { ...headers, 'X-Answer': 'yes' }, body: value.body }
        }),
      )
      const link = await dial(client, listening.address)
      const reply = await replyTo(link, message('hello', headers))
      for (const [key, value] of Object.entries(headers)) {
        equal(seen[0]?.[key], value, key)
        equal(reply.headers[key], value, key)
      }
      equal(reply.headers['X-Answer'], 'yes')
    },
  },
  {
    name: 'each request gets its own reply, as many at once as there is room',
    prove: async ({ server, client, address }) => {
      const listening = await listen(server, address, channel =>
        answerOn(channel, value => message(`answer to ${textOf(value)}`)),
      )
      const link = await dial(client, listening.address)
      equal(link.room, client.callsPerLink)
      for (let round = 0; round < 20; round += 1) {
        const asked = Array.from({ length: link.room }, (_, n) => `${round}.${n}`)
        const replies = await Promise.all(asked.map(text => replyTo(link, message(text))))
        deepEqual(
          replies.map(textOf),
          asked.map(text => `answer to ${text}`),
        )
      }
    },
  },
  {
    name: 'a request takes a place of the room until its reply is there, and without room it throws',
    prove: async ({ server, client, address }) => {
      const listening = await listen(server, address, channel => answerOn(channel, value => value))
      const link = await dial(client, listening.address)
      const room = client.callsPerLink
      const roomAtReply: number[] = []
      const all = Array.from({ length: room }, (_, n) => {
        equal(link.room, room - n)
        return new Promise<void>((resolve, reject) =>
          link.request(message('x'), {
            reply: () => {
              roomAtReply.push(link.room)
              resolve()
            },
            fail: reject,
          }),
        )
      })
      equal(link.room, 0)
      throws(() => link.request(message('x'), { reply: () => undefined, fail: () => undefined }))
      throws(() => link.open())
      await Promise.all(all)
      ok(
        roomAtReply.every(free => free > 0),
        'there is room again before the sink is called',
      )
      equal(link.room, room)
    },
  },
  {
    name: 'the outcome of a request never comes within it',
    prove: async ({ server, client, address }) => {
      const listening = await listen(server, address, channel => answerOn(channel, value => value))
      const link = await dial(client, listening.address)
      for (let round = 0; round < 3; round += 1) {
        const started = request(link, message('x'))
        equal(started.settled(), 0)
        await started.outcome()
        await pause()
        equal(started.settled(), 1)
      }
    },
  },
  {
    name: 'cancelling a request tells the server, and the sink hears no more',
    prove: async ({ server, client, address }) => {
      const asked: Channel[] = []
      const listening = await listen(server, address, channel => {
        channel.incoming.subscribe({ next: () => void asked.push(channel), error: () => undefined })
      })
      const link = await dial(client, listening.address)
      const started = request(link, message('never mind'))
      await until('the request at the server', () => asked.length > 0)
      started.cancel()
      started.cancel()
      const end = await endOf('the channel', (asked[0] as Channel).closed)
      equal(end === 'completed' ? end : end.kind, 'unavailable')
      await pause()
      equal(started.settled(), 0)
    },
  },
  {
    name: 'a request that the server drops fails as unavailable, and as sent',
    prove: async ({ server, client, address }) => {
      const listening = await listen(server, address, channel => {
        channel.incoming.subscribe({
          next: () => channel.abort(new ServiceError('internal', 'dropped')),
          error: () => undefined,
        })
      })
      const link = await dial(client, listening.address)
      const started = request(link, message('x'))
      const outcome = await started.outcome()
      ok('error' in outcome)
      equal(outcome.error.kind, 'unavailable')
      equal(outcome.sent, true)
      await pause()
      equal(started.settled(), 1)
    },
  },
  {
    name: 'a request that the server ends without an answer fails as unavailable',
    prove: async ({ server, client, address }) => {
      const listening = await listen(server, address, channel => {
        channel.incoming.subscribe({ next: () => channel.end(), error: () => undefined })
      })
      const link = await dial(client, listening.address)
      const outcome = await request(link, message('x')).outcome()
      equal('error' in outcome && outcome.error.kind, 'unavailable')
    },
  },
  {
    name: 'a link that retires finishes what is under way, takes nothing new, and closes',
    prove: async ({ server, client, address }) => {
      const listening = await listen(server, address, channel => {
        channel.incoming.subscribe({
          next: ({ value }) =>
            void setTimeout(() => {
              channel.send(value)
              channel.end()
            }, 5),
          error: () => undefined,
        })
      })
      const link = await dial(client, listening.address)
      const started = request(link, message('the last'))
      link.retire()
      equal(link.room, 0)
      const outcome = await started.outcome()
      equal('reply' in outcome && textOf(outcome.reply), 'the last')
      equal(await endOf('the link', link.closed), 'completed')
      equal(link.room, 0)
      const idle = await dial(client, listening.address)
      idle.retire()
      equal(await endOf('the idle link', idle.closed), 'completed')
    },
  },
  {
    name: 'a server that retires is asked nothing more on that connection',
    prove: async ({ server, client, address }) => {
      const listening = await listen(server, address, channel => answerOn(channel, value => value))
      const link = await dial(client, listening.address)
      await replyTo(link, message('first'))
      for (const channel of listening.channels) channel.retire()
      const slow = await listen(server, address, channel => {
        channel.retire()
        answerOn(channel, value => value)
      })
      const other = await dial(client, slow.address)
      equal(textOf(await replyTo(other, message('the last'))), 'the last')
      equal(other.room, 0)
      equal(await endOf('the link', other.closed), 'completed')
    },
  },
  {
    name: 'aborting a link fails what is under way with the error, and closes it',
    prove: async ({ server, client, address }) => {
      const listening = await listen(server, address)
      const link = await dial(client, listening.address)
      const started = request(link, message('x'))
      link.abort(new ServiceError('cancelled', 'enough'))
      const outcome = await started.outcome()
      equal('error' in outcome && outcome.error.message, 'enough')
      equal(link.room, 0)
      equal(await endOf('the link', link.closed), 'completed')
      link.abort(new ServiceError('cancelled', 'again'))
    },
  },
]
