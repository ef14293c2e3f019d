import { expect, test } from 'vitest'
import { paced } from 'headrace/streams'
import { MuxChannel } from '../../../src/adapters/mux/mux-channel.js'
import { OwnBytes } from '../../../src/adapters/mux/own-bytes.js'
import { MuxEnd, settle } from '../../support/mux-pair.js'

const window = { messages: 1024, bytes: 256 * 1024 }

/** A channel to a peer that allows a window, and sends what `source` has. */
function sending(source: AsyncIterable<number>, bytes: number) {
  const client = new MuxEnd(true, {}, 'when told')
  settle(client, new MuxEnd(false, {}, 'when told'))
  const { mux } = client
  const channel = new MuxChannel({ peer: 'peer', mux, own: new OwnBytes(), retire: () => undefined }, window)
  channel.attach(mux.open(channel, false))
  let sent = 0
  const body = new Uint8Array(bytes)
  paced(source, channel.demand).subscribe(() => {
    sent += 1
    channel.send({ headers: {}, body })
  })
  return { client, sent: () => sent }
}

async function* numbers(count: number) {
  for (let n = 0; n < count; n += 1) yield n
}

/** All that is due before the next bytes are taken. */
const endOfMicrotasks = () => new Promise<void>(resolve => void setImmediate(resolve))

test('what an async source has at once goes out together, and not in batches of credit', async () => {
  const { client, sent } = sending(numbers(200), 100)
  await endOfMicrotasks()
  expect(sent()).toBe(200)
  expect(client.out(256 * 1024).length).toBe(200 * 110)
})

test('a source is asked for no more than is worth a write', async () => {
  const { sent } = sending(numbers(1_000), 1_000)
  await endOfMicrotasks()
  expect(sent()).toBeGreaterThanOrEqual(32)
  expect(sent()).toBeLessThan(32 + 17)
})
