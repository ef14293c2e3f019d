import { connect, createInbox, type NatsConnection } from 'nats'
import { missingNats, startNats } from './nats-server.js'
import { hundredBytes, type Peer, type PeerClient, type Subscribers } from './peer.js'

const counts = [1, 8] as const

/** The NATS client alone: requests and answers, and events, as JSON. */
export const nats: Peer = {
  about: 'the client of NATS, JSON; its server runs on the core of the peer’s server',
  missing: missingNats,

  async serve() {
    const server = await startNats()
    const connection = await connect({ servers: server.url })
    connection.subscribe('hello', {
      callback: (_, message) => {
        const { name } = message.json<{ name: string }>()
        message.respond(JSON.stringify({ greeting: `Hello ${name}` }))
      },
    })
    connection.subscribe('echo', {
      callback: (_, message) => void message.respond(JSON.stringify(message.json())),
    })
    connection.subscribe('texts', {
      callback: (_, message) =>
        void sendTexts(connection, message.reply ?? '', message.json<{ count: number }>().count),
    })
    const subscribers = await Promise.all(
      counts.flatMap(count => Array.from({ length: count }, () => subscriber(server.url, count))),
    )
    await connection.flush()
    const close = async () => {
      await Promise.all([connection, ...subscribers].map(each => each.close()))
      await server.stop()
    }
    return { address: server.url, close }
  },

  async connect(_, address) {
    return clientOf(await connect({ servers: address }))
  },
}

/** Takes events, and tells who asks after the last one how many there were. */
async function subscriber(servers: string, count: Subscribers): Promise<NatsConnection> {
  const connection = await connect({ servers })
  connection.subscribe(`event.${count}`, {
    callback: (_, message) => {
      message.json()
      if (message.reply !== undefined && message.reply !== '') message.respond('{}')
    },
  })
  await connection.flush()
  return connection
}

function clientOf(connection: NatsConnection): PeerClient {
  const event = { text: hundredBytes }
  const publishAwaited = (subscribers: Subscribers) =>
    answered(connection, `event.${subscribers}`, JSON.stringify(event), subscribers)
  return {
    call: async name =>
      (await connection.request('hello', JSON.stringify({ name }))).json<{ greeting: string }>(),
    echo: async payload => (await connection.request('echo', JSON.stringify({ payload }))).json(),
    serverStream: count => receivedTexts(connection, count),
    publish: publishAwaited,
    async publishMany(subscribers, count) {
      for (let sent = 0; sent < count; sent += 1) {
        connection.publish(`event.${subscribers}`, JSON.stringify(event))
        if (sent % 1024 === 1023) await publishAwaited(subscribers)
      }
      await publishAwaited(subscribers)
    },
    close: () => connection.close(),
  }
}

/** Publishes something that `count` subscribers answer. */
function answered(connection: NatsConnection, subject: string, body: string, count: number): Promise<void> {
  const reply = createInbox()
  let left = count
  return new Promise(resolve => {
    const callback = () => {
      left -= 1
      if (left === 0) resolve()
    }
    connection.subscribe(reply, { max: count, callback })
    connection.publish(subject, body, { reply })
  })
}

async function sendTexts(connection: NatsConnection, to: string, count: number): Promise<void> {
  for (let sent = 0; sent < count; sent += 1) {
    connection.publish(to, JSON.stringify({ text: hundredBytes }))
    if (sent % 1024 === 1023) await connection.flush()
  }
}

function receivedTexts(connection: NatsConnection, count: number): Promise<number> {
  const reply = createInbox()
  let received = 0
  return new Promise(resolve => {
    const subscription = connection.subscribe(reply, {
      callback: (_, message) => {
        message.json()
        received += 1
        if (received < count) return
        subscription.unsubscribe()
        resolve(received)
      },
    })
    connection.publish('texts', JSON.stringify({ count }), { reply })
  })
}
