import { Readable } from 'node:stream'
import moleculer, { type BrokerOptions, type ServiceBroker } from 'moleculer'
import { freePort } from './free-port.js'
import { missingNats, startNats } from './nats-server.js'
import { hundredBytes, type Peer, type PeerClient, type Run, type Subscribers } from './peer.js'

const settings: BrokerOptions = { logger: false, requestTimeout: 5_000 }

/** Moleculer with its TCP transporter. The client knows the server's port, so that nothing is sent beyond the loopback interface. */
export const moleculerTcp: Peer = {
  about: 'Moleculer, TCP transporter, JSON, the address of the server given',

  async serve(run) {
    const port = await freePort()
    const broker = new moleculer.ServiceBroker({
      ...settings,
      nodeID: serverId(run),
      transporter: { type: 'TCP', options: { udpDiscovery: false, port, useHostname: false } },
    })
    await serveOn(broker)
    return { address: `tcp://127.0.0.1:${port}/${serverId(run)}`, close: () => broker.stop() }
  },

  connect: (run, address) =>
    connectTo(
      new moleculer.ServiceBroker({
        ...settings,
        nodeID: `${run.name}-client`,
        transporter: { type: 'TCP', options: { udpDiscovery: false, urls: address, useHostname: false } },
      }),
    ),
}

/** Moleculer with its NATS transporter. */
export const moleculerNats: Peer = {
  about: 'Moleculer, NATS transporter, JSON',
  missing: missingNats,

  async serve(run) {
    const nats = await startNats()
    const broker = new moleculer.ServiceBroker({
      ...settings,
      nodeID: serverId(run),
      transporter: natsAt(nats.url),
    })
    await serveOn(broker)
    const close = async () => {
      await broker.stop()
      await nats.stop()
    }
    return { address: nats.url, close }
  },

  connect: (run, url) =>
    connectTo(
      new moleculer.ServiceBroker({ ...settings, nodeID: `${run.name}-client`, transporter: natsAt(url) }),
    ),
}

function natsAt(url: string): NonNullable<BrokerOptions['transporter']> {
  return { type: 'NATS', options: { url } }
}

function serverId(run: Run): string {
  return `${run.name}-server`
}

async function serveOn(broker: ServiceBroker): Promise<void> {
  broker.createService({
    name: 'bench',
    actions: {
      hello: ({ params }) => ({ greeting: `Hello ${params.name}` }),
      echo: ({ params }) => params,
      texts: ({ params }) => Readable.from(texts(params.count)),
    },
  })
  broker.createService({ name: 'one', events: { 'event.1': () => undefined } })
  for (let number = 1; number <= 8; number += 1) {
    broker.createService({ name: `subscriber-${number}`, events: { 'event.8': () => undefined } })
  }
  await broker.start()
}

async function connectTo(broker: ServiceBroker): Promise<PeerClient> {
  await broker.start()
  await broker.waitForServices(['bench', 'one'], 10_000, 10)
  const emit = (subscribers: Subscribers) => broker.emit(`event.${subscribers}`, { text: hundredBytes })
  return {
    call: name => broker.call('bench.hello', { name }),
    echo: payload => broker.call('bench.echo', { payload }),
    async serverStream(count) {
      let received = 0
      const stream = await broker.call<Readable, { count: number }>('bench.texts', { count })
      for await (const _ of stream) received += 1
      return received
    },
    // An event has no answer: a call behind the events on the same connection has one when they have been taken.
    async publishMany(subscribers, count) {
      for (let sent = 0; sent < count; sent += 1) {
        await emit(subscribers)
        if (sent % 64 === 63) await broker.call('bench.hello', { name: '' })
      }
      await broker.call('bench.hello', { name: '' })
    },
    close: () => broker.stop(),
  }
}

async function* texts(count: number): AsyncGenerator<{ text: string }> {
  for (let sent = 0; sent < count; sent += 1) yield { text: hundredBytes }
}
