import { deepEqual, equal, ok, throws } from 'node:assert/strict'
import { ServiceError } from 'headrace/streams'
import type { Law } from '../law.js'
import { Reader, connect, opening } from './flows.js'
import { endOf, message, textOf, pause } from './peers.js'
import type { TransportSubject } from './subject.js'

const kindOf = (end: 'completed' | ServiceError) => (end === 'completed' ? end : end.kind)

/** How channels end. */
export const endingLaws: readonly Law<TransportSubject>[] = [
  {
    name: 'end lets what was sent arrive, and the other direction goes on',
    needs: 'halfClose',
    prove: async subject => {
      const { client, server, fromClient, fromServer } = await connect(subject)
      const atServer = new Reader(server)
      const atClient = new Reader(client)
      await fromClient.all(100, n => message(`up ${n}`))
      client.end()
      client.end()
      equal(await atServer.end(), 'completed')
      equal(atServer.messages.length, 101)
      await fromServer.all(1200, n => message(`down ${n}`))
      equal((await atClient.count(1200)).length, 1200)
      server.end()
      equal(await atClient.end(), 'completed')
    },
  },
  {
    name: 'a server can end first and read on',
    needs: 'halfClose',
    prove: async subject => {
      const { client, server, fromClient } = await connect(subject)
      const atServer = new Reader(server)
      const atClient = new Reader(client)
      server.end()
      equal(await atClient.end(), 'completed')
      await fromClient.all(1200, n => message(`up ${n}`))
      client.end()
      equal(await atServer.end(), 'completed')
      equal(atServer.messages.length, 1201)
    },
  },
  {
    name: 'a channel is closed on both sides when both directions have ended, and says so again',
    prove: async subject => {
      const { client, server } = await connect(subject)
      const reader = new Reader(server)
      await reader.count(1)
      client.end()
      equal(await reader.end(), 'completed')
      server.end()
      for (const channel of [client, server]) {
        equal(await endOf('closed', channel.closed), 'completed')
        equal(await endOf('closed, again', channel.closed), 'completed')
      }
    },
  },
  {
    name: 'messages that wait are read before the end',
    prove: async subject => {
      const { client, server, fromClient } = await connect(subject)
      await fromClient.all(3, n => message(String(n)))
      client.end()
      await pause()
      const reader = new Reader(server)
      equal(await reader.end(), 'completed')
      deepEqual(reader.messages.map(textOf), [opening, '1', '2', '3'])
    },
  },
  {
    name: 'sending after end throws',
    prove: async subject => {
      const { client } = await connect(subject)
      client.end()
      throws(() => client.send(message('late')))
    },
  },
  ...(['client', 'server'] as const).map((side): Law<TransportSubject> => ({
    name: `an abort by the ${side} ends both sides: here with its error, there as unavailable`,
    prove: async subject => {
      const ends = await connect(subject)
      const [here, there] = side === 'client' ? [ends.client, ends.server] : [ends.server, ends.client]
      const atServer = new Reader(ends.server)
      const atClient = new Reader(ends.client)
      await atServer.count(1)
      const error = new ServiceError('cancelled', 'enough of this')
      here.abort(error)
      here.abort(new ServiceError('internal', 'again'))
      const [readHere, readThere] = side === 'client' ? [atClient, atServer] : [atServer, atClient]
      equal(await readHere.end(), error)
      equal(await endOf('closed here', here.closed), 'completed')
      equal(kindOf(await readThere.end()), 'unavailable')
      equal(kindOf(await endOf('closed there', there.closed)), 'unavailable')
      for (const writer of [ends.fromClient, ends.fromServer]) ok(writer.ended)
      equal(ends.link.room, subject.client.callsPerLink === 1 ? 0 : subject.client.callsPerLink)
    },
  })),
  {
    name: 'a closed channel takes what is sent, ended or aborted and does nothing',
    prove: async subject => {
      const { client, server } = await connect(subject)
      const reader = new Reader(server)
      await reader.count(1)
      client.abort(new ServiceError('cancelled', 'enough'))
      await reader.end()
      for (const channel of [client, server]) {
        channel.send(message('late'))
        channel.end()
        channel.retire()
        channel.abort(new ServiceError('internal', 'late'))
      }
      await pause()
      equal(reader.messages.length, 1)
    },
  },
]
