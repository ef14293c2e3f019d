import { deepEqual, equal, ok } from 'node:assert/strict'
import type { Law } from '../law.js'
import { Reader, connect, opening } from './flows.js'
import { endOf, message, sized, textOf, pause } from './peers.js'
import type { TransportSubject } from './subject.js'

/** What a channel carries. */
export const channelLaws: readonly Law<TransportSubject>[] = [
  {
    name: 'a channel keeps order and bytes in both directions, from nothing to 4 MiB',
    prove: async subject => {
      const { client, server, fromClient, fromServer } = await connect(subject)
      const sizes = [0, 1, 100, 16_384, 65_537, 3, 300_000, 0, 4 * 1024 * 1024, 7]
      const readers = [new Reader(server), new Reader(client)] as const
      await Promise.all([
        fromClient.all(sizes.length, n => sized(sizes[(n - 1) % sizes.length] ?? 0, n)),
        fromServer.all(sizes.length, n => sized(sizes[n] ?? 0, n + 1)),
      ])
      const [up, down] = await Promise.all([
        readers[0].count(sizes.length + 1),
        readers[1].count(sizes.length),
      ])
      const expected = sizes.map((bytes, n) => sized(bytes, n + 1))
      for (const received of [up.slice(1), down]) {
        deepEqual(
          received.map(({ headers, body }) => [headers['X-Seed'], body.byteLength]),
          expected.map(({ headers, body }) => [headers['X-Seed'], body.byteLength]),
        )
        ok(received.every(({ body }, n) => Buffer.from(body).equals(expected[n]?.body ?? body)))
      }
    },
  },
  {
    name: 'many small messages arrive in order',
    prove: async subject => {
      const { server, fromClient } = await connect(subject)
      const reader = new Reader(server)
      await fromClient.all(5000, n => message(`message ${n}`))
      const received = await reader.count(5001)
      deepEqual(
        received.slice(1).map(textOf),
        Array.from({ length: 5000 }, (_, n) => `message ${n + 1}`),
      )
      equal(textOf(received[0] ?? message('')), opening)
    },
  },
  {
    name: 'both directions progress at once, and neither waits for the other',
    prove: async subject => {
      const { client, server, fromClient, fromServer } = await connect(subject)
      const atServer = new Reader(server)
      const atClient = new Reader(client)
      // The server speaks unasked, while the client asks and is not answered.
      await Promise.all([
        fromServer.all(1500, n => message(`down ${n}`)),
        fromClient.all(1500, n => message(`up ${n}`)),
      ])
      const [down, up] = await Promise.all([atClient.count(1500), atServer.count(1501)])
      equal(textOf(down[1499] ?? message('')), 'down 1499')
      equal(textOf(up[1500] ?? message('')), 'up 1500')
    },
  },
  {
    name: 'messages that come without a subscriber wait, also for the next one',
    prove: async subject => {
      const { server, fromClient } = await connect(subject)
      await fromClient.all(3, n => message(String(n)))
      await pause()
      const early = new Reader(server)
      deepEqual((await early.count(4)).map(textOf), [opening, '1', '2', '3'])
      early.subscription.unsubscribe()
      await fromClient.all(2, n => message(String(n)))
      await pause()
      const late = new Reader(server)
      deepEqual((await late.count(2)).map(textOf), ['4', '5'])
      equal(early.messages.length, 4)
    },
  },
  {
    name: 'incoming takes one subscriber at a time: a second one gets an error, the first goes on',
    prove: async subject => {
      const { server, fromClient } = await connect(subject)
      const reader = new Reader(server)
      const second = await endOf('the second subscriber', server.incoming)
      ok(second !== 'completed')
      await fromClient.all(1, () => message('goes on'))
      equal(textOf((await reader.count(2))[1] ?? message('')), 'goes on')
    },
  },
  {
    name: 'a channel takes a place of its link until it is closed',
    prove: async subject => {
      const { client, link, server } = await connect(subject)
      equal(link.room, subject.client.callsPerLink - 1)
      const reader = new Reader(server)
      await reader.count(1)
      client.end()
      equal(await reader.end(), 'completed')
      server.end()
      equal(await endOf('the channel', client.closed), 'completed')
      if (subject.client.callsPerLink === 1) equal(await endOf('the link', link.closed), 'completed')
      equal(link.room, subject.client.callsPerLink === 1 ? 0 : subject.client.callsPerLink)
    },
  },
]
