import { deepEqual, equal, match, notEqual, ok } from 'node:assert/strict'
import type { AdapterEvent, ListenEvent } from 'headrace/streams'
import type { Law } from '../law.js'
import { Reader, connect } from './flows.js'
import { dial, endOf, listen, message, textOf, unexpected, until, pause } from './peers.js'
import type { TransportSubject } from './subject.js'

const portOf = (address: string) => Number(address.slice(address.lastIndexOf(':') + 1))
const atPort = (address: string, port: number | string) =>
  `${address.slice(0, address.lastIndexOf(':'))}:${port}`

/** Listening and dialling. */
export const addressLaws: readonly Law<TransportSubject>[] = [
  {
    name: 'a listener first says where it is bound, once, with the real port, and so do the events',
    prove: async ({ server, client, address }) => {
      const told: ListenEvent[] = []
      const events: AdapterEvent[] = []
      server.events.subscribe({ next: event => events.push(event), error: unexpected })
      const subscription = server
        .listen(address)
        .subscribe({ next: event => told.push(event), error: unexpected })
      await until('listening', () => told.length > 0)
      const [listening] = told
      ok(listening?.kind === 'listening')
      match(listening.address, /^.+:[1-9][0-9]*$/)
      deepEqual(
        events.filter(event => event.kind === 'listening'),
        [{ kind: 'listening', adapter: server.name, address: listening.address }],
      )
      const link = await dial(client, listening.address)
      equal(link.peer, listening.address)
      await pause()
      ok(!told.slice(1).some(event => event.kind === 'listening'))
      subscription.unsubscribe()
    },
  },
  {
    name: 'a port that is taken is a conflict',
    prove: async ({ server, client, address }) => {
      const { address: taken } = await listen(server, address)
      const end = await endOf('listen at a taken port', client.listen(taken))
      notEqual(end, 'completed')
      equal(end !== 'completed' && end.kind, 'conflict')
    },
  },
  {
    name: 'of a range of ports the first free one is taken',
    prove: async ({ server, address }) => {
      const { address: taken } = await listen(server, address)
      const from = portOf(taken)
      const { address: next } = await listen(server, atPort(taken, `${from}-${Math.min(65_535, from + 50)}`))
      ok(portOf(next) > from && portOf(next) <= from + 50, `${next} is not within the range from ${from}`)
    },
  },
  {
    name: 'an address that is none is a bad_request',
    prove: async ({ server, client }) => {
      for (const address of ['', 'nowhere', 'host:port', 'host:70000', 'host:2-1', '[::1:80']) {
        for (const operation of [server.listen(address), client.dial(address)]) {
          const end = await endOf(`'${address}'`, operation)
          equal(end === 'completed' ? end : end.kind, 'bad_request', `'${address}'`)
        }
      }
    },
  },
  {
    name: 'dialling where nobody listens is unavailable',
    prove: async ({ server, client, address }) => {
      const { address: free, subscription } = await listen(server, address)
      subscription.unsubscribe()
      await until('the port is free', () => true)
      await pause()
      const end = await endOf('dial', client.dial(free))
      equal(end === 'completed' ? end : end.kind, 'unavailable')
    },
  },
  {
    name: 'unsubscribing a listener frees its port, and what was accepted goes on',
    prove: async subject => {
      const { server: channel, fromClient, listening } = await connect(subject)
      const reader = new Reader(channel)
      await reader.count(1)
      listening.subscription.unsubscribe()
      await pause()
      await fromClient.all(1, () => message('after'))
      equal(textOf((await reader.count(2))[1] ?? message('')), 'after')
      await listen(subject.server, listening.address)
    },
  },
  {
    name: 'unsubscribing during a dial leaves no connection behind',
    prove: async subject => {
      const { server, client, address } = subject
      const { address: at, channels } = await listen(server, address)
      const before = subject.connections()
      let linked = 0
      for (let delay = 0; delay < 8; delay += 1) {
        const dialling = client.dial(at).subscribe({
          next: link => {
            linked += 1
            link.retire()
          },
          error: unexpected,
        })
        for (let n = 0; n < delay; n += 1) await Promise.resolve()
        dialling.unsubscribe()
      }
      const subscription = client.dial(at).subscribe({ next: () => (linked += 100), error: unexpected })
      subscription.unsubscribe()
      await until('the connections are gone', () => subject.connections() <= before)
      await pause()
      ok(linked < 100, 'a link was emitted after the unsubscribe')
      ok(channels.length <= linked, 'the server got a channel that nobody dialled')
    },
  },
  {
    name: 'closing the transport ends all it does, once and for all callers',
    prove: async subject => {
      const { server, client } = subject
      const { client: channel, link, listening } = await connect(subject)
      const events = endOf('the events', client.events)
      const incoming = endOf('incoming', channel.incoming)
      const listens = endOf('listen', server.listen(subject.address))
      const promise = client.close()
      equal(client.close(), promise)
      await promise
      await server.close()
      equal(await events, 'completed')
      equal(await listens, 'completed')
      const end = await incoming
      equal(end === 'completed' ? end : end.kind, 'unavailable')
      equal(await endOf('the link', link.closed), 'completed')
      equal(link.room, 0)
      for (const operation of [client.dial(listening.address), client.listen(subject.address)]) {
        const late = await endOf('a late operation', operation)
        equal(late === 'completed' ? late : late.kind, 'unavailable')
      }
      equal(subject.connections(), 0)
    },
  },
]
