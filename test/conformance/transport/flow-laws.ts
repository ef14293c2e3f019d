import { equal, ok, throws } from 'node:assert/strict'
import type { Channel, Message } from 'headrace/streams'
import type { Law } from '../law.js'
import { Reader, connect, type Ends, type Writer } from './flows.js'
import { endOf, message, sized, turn, until } from './peers.js'
import type { TransportSubject } from './subject.js'

/** Sends until nothing more is asked for, over several rounds of the event loop. */
async function fill(writer: Writer, make: (index: number) => Message, limit: number): Promise<void> {
  for (let quiet = 0; quiet < 50 && writer.sent < limit;) {
    quiet = writer.burst(make, 256) === 0 ? quiet + 1 : 0
    await turn()
  }
}

/** The two directions of a channel. */
function directions(ends: Ends): readonly (readonly [Writer, Channel])[] {
  return [
    [ends.fromClient, ends.server],
    [ends.fromServer, ends.client],
  ]
}

/** Who may send how much, and when. */
export const flowLaws: readonly Law<TransportSubject>[] = [
  {
    name: 'demand first says what may be sent, and comes back as messages are taken',
    prove: async subject => {
      const ends = await connect(subject)
      const readers = [new Reader(ends.server), new Reader(ends.client)]
      for (const [writer] of directions(ends)) ok(writer.grants >= 1)
      for (const [writer] of directions(ends)) {
        await writer.all(2 * subject.window, () => message('x'))
      }
      await Promise.all(readers.map((reader, n) => reader.count(2 * subject.window + 1 - n)))
    },
  },
  {
    name: 'demand emits at most once for each message that was sent, and never within send',
    prove: async subject => {
      const ends = await connect(subject)
      new Reader(ends.server)
      for (let round = 0; round < 500; round += 1) {
        await until('demand', () => ends.fromClient.allowed > 0)
        const before = ends.fromClient.grants
        ends.fromClient.one(message('x'))
        equal(ends.fromClient.grants, before, 'demand emitted within send')
        if (round % 7 === 0) await turn()
      }
      await turn()
      ok(ends.fromClient.grants <= ends.fromClient.sent + 1, 'more grants than messages')
    },
  },
  {
    name: 'sending beyond demand throws',
    prove: async subject => {
      const ends = await connect(subject)
      for (const [writer, receiver] of directions(ends)) {
        await fill(writer, () => sized(16_384), 1_000_000)
        equal(writer.allowed, 0, 'demand did not run dry against a reader that reads nothing')
        const channel = receiver === ends.server ? ends.client : ends.server
        throws(() => channel.send(message('one too many')))
      }
    },
  },
  {
    name: 'a stalled reader bounds what is sent, and nothing is lost when it goes on',
    prove: async subject => {
      const ends = await connect(subject)
      const bytes = 65_536
      const most = Math.ceil(subject.stalledBytes / bytes)
      for (const [writer, receiver] of directions(ends)) {
        const reader = new Reader(receiver, 'hold')
        const before = writer.sent
        await fill(writer, n => sized(bytes, n), 4 * most)
        ok(
          writer.sent - before <= most,
          `${writer.sent - before} messages of ${bytes} bytes were let out, at most ${most} fit`,
        )
        reader.release()
        const received = await reader.count(writer.sent)
        ok(received.slice(before).every(({ headers }, n) => headers['X-Seed'] === String(n + before)))
      }
    },
  },
  {
    name: 'no more than the window is handed over unanswered',
    prove: async subject => {
      const ends = await connect(subject)
      for (const [writer, receiver] of directions(ends)) {
        const reader = new Reader(receiver, 'hold')
        await fill(writer, () => message('small'), 4 * subject.window)
        ok(reader.unanswered <= subject.window, `${reader.unanswered} of ${subject.window}`)
        reader.release()
        await reader.count(writer.sent)
      }
    },
  },
  {
    name: 'a nack asks for more as an ack does',
    prove: async subject => {
      const ends = await connect(subject)
      const reader = new Reader(ends.server, 'nack')
      await ends.fromClient.all(3 * subject.window, () => message('unwanted'))
      await reader.count(3 * subject.window + 1)
    },
  },
  {
    name: 'demand takes one subscriber at a time, and the next one is told what may be sent now',
    prove: async subject => {
      const ends = await connect(subject)
      new Reader(ends.server)
      const channel = ends.client
      const second = await endOf('the second subscriber', channel.demand)
      ok(second !== 'completed')
    },
  },
  {
    name: 'demand completes with end, and with the end of the channel',
    prove: async subject => {
      const ends = await connect(subject)
      new Reader(ends.server)
      ends.client.end()
      equal(ends.fromClient.ended, true)
      ends.server.end()
      equal(ends.fromServer.ended, true)
      equal(await endOf('closed', ends.client.closed), 'completed')
      equal(await endOf('a late subscriber', ends.client.demand), 'completed')
    },
  },
]
