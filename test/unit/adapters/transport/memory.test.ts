import { describe, expect, it } from 'vitest'
import { firstValueFrom, type Subscription } from 'rxjs'
import { createTransportHub, memory } from 'headrace/adapters/transport/memory'
import type { Channel, Message, Transport } from 'headrace/streams'

const message = (text: string): Message => ({
  headers: { 'X-Text': text },
  body: new TextEncoder().encode(text),
})
const textOf = ({ body }: Message) => new TextDecoder().decode(body)

async function echoServer(transport: Transport): Promise<{ address: string; subscription: Subscription }> {
  return new Promise((resolve, reject) => {
    const subscription = transport.listen('127.0.0.1:0').subscribe({
      next: event => {
        if (event.kind === 'listening') resolve({ address: event.address, subscription })
        if (event.kind === 'channel') echo(event.channel)
      },
      error: reject,
    })
  })
}

function echo(channel: Channel): void {
  channel.incoming.subscribe({
    next: delivery => {
      channel.send(delivery.value)
      delivery.ack()
    },
    complete: () => channel.end(),
    error: () => undefined,
  })
}

describe.each([1, 8])('memory transport with %i calls per link', callsPerLink => {
  it('answers thousands of requests one after another on one link', async () => {
    const hub = createTransportHub()
    const server = memory({ hub, callsPerLink })
    const client = memory({ hub, callsPerLink })
    const { address } = await echoServer(server)
    const link = await firstValueFrom(client.dial(address))
    for (let n = 0; n < 1500; n += 1) {
      const reply = await new Promise<Message>((resolve, reject) =>
        link.request(message(`hello ${n}`), { reply: resolve, fail: reject }),
      )
      expect(textOf(reply)).toBe(`hello ${n}`)
    }
    expect(link.room).toBe(callsPerLink)
    await client.close()
    await server.close()
    expect(link.room).toBe(0)
  })
})
