import type { Channel, Link, Message, Transport } from 'headrace/streams'
import { Outbox } from '../../src/actors/outbox.js'

/** Sends back what comes on a channel, as demand allows: a peer may send more than it reads. */
function echo(channel: Channel): void {
  const outbox = new Outbox(channel)
  channel.incoming.subscribe({
    next: delivery => {
      outbox.send(delivery.value)
      delivery.ack()
    },
    complete: () => outbox.end(),
    error: () => undefined, // the client's side of a test tells how it ended
  })
}

/** Listens on loopback and echoes on every channel; resolves with the address. */
export function listenWithEcho(server: Transport): Promise<string> {
  return new Promise((resolve, reject) =>
    server.listen('127.0.0.1:0').subscribe({
      next: event => {
        if (event.kind === 'listening') resolve(event.address)
        if (event.kind === 'channel') echo(event.channel)
      },
      error: reject,
    }),
  )
}

/** The text of the answer to one request on a link. */
export function replyText(link: Link, request: Message): Promise<string> {
  return new Promise((resolve, reject) =>
    link.request(request, { reply: ({ body }) => resolve(new TextDecoder().decode(body)), fail: reject }),
  )
}
