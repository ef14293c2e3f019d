import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { http } from 'headrace/adapters/transport/http'
import { deliberateDifferences } from '../../support/deliberate-differences.js'
import { makeGoGreeter } from '../../support/go-greeter.js'
import { createMemoryNetwork, type MemoryNetwork } from '../../support/memory-network.js'
import { dialRaw, type RawPeer } from '../../support/raw-peer.js'
import { replay } from '../../support/replay.js'
import { essenceOf, spelledTwice } from '../../support/v118.js'

const file = 'v118-http-stream'

let network: MemoryNetwork
let peer: RawPeer

beforeEach(async () => {
  network = createMemoryNetwork(() => http())
  const service = makeGoGreeter(network)
  await service.start()
  peer = await dialRaw(service.address ?? '')
})

afterEach(async () => {
  peer.destroy()
  await network.close()
})

const kinds = [
  'mucp %s application/json',
  'mucp %s application/protobuf',
  'legacy %s application/json',
  'legacy %s application/protobuf',
]

describe('a server streams as the client of version 1 expects', () => {
  it.each([
    'mucp bidi-server-ends application/json',
    'mucp server-push application/json',
    'mucp stream-error application/json',
    'mucp bidi-server-ends application/protobuf',
    'mucp server-push application/protobuf',
    'mucp stream-error application/protobuf',
    'legacy bidi-server-ends application/json',
    'legacy server-push application/json',
    'legacy stream-error application/json',
    'legacy bidi-server-ends application/protobuf',
    'legacy server-push application/protobuf',
    'legacy stream-error application/protobuf',
  ])('%s: the same answers, and nothing behind them', async name => {
    const answers = await replay(peer, file, name)
    expect(answers.length).toBeGreaterThan(1)
    expect(answers.map(({ ours }) => essenceOf(ours))).toEqual(answers.map(({ theirs }) => essenceOf(theirs)))
    for (const { ours, theirs } of answers) {
      expect(spelledTwice(ours)).toBe(true)
      expect(ours.headers['Micro-Stream']).toBe(theirs.headers['Micro-Stream'])
    }
    expect(await peer.ended()).toHaveLength(0)
  })

  it.each([
    'mucp bidi-client-ends application/json',
    'mucp bidi-client-ends application/protobuf',
    'legacy bidi-client-ends application/json',
    'legacy bidi-client-ends application/protobuf',
  ])('%s: the end of the requests is answered with the end of the stream', async name => {
    expect(deliberateDifferences[`${file}/${name}`]).toBeDefined()
    expect(kinds).toContain(name.replace('bidi-client-ends', '%s'))
    const [item, more] = await replay(peer, file, name)
    if (item === undefined || more !== undefined) return expect.fail('one answer was captured')
    expect(essenceOf(item.ours)).toEqual(essenceOf(item.theirs))
    const end = await peer.message()
    expect(end.headers).toMatchObject({
      'Micro-Error': 'EOS',
      'Micro-Stream': item.theirs.headers['Micro-Stream'],
    })
    expect(await peer.ended()).toHaveLength(0)
  })
})
