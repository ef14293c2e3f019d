import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { http } from 'headrace/adapters/transport/http'
import { deliberateDifferences } from '../../support/deliberate-differences.js'
import { makeGoGreeter } from '../../support/go-greeter.js'
import { allMessages, type HttpBytes } from '../../support/http-bytes.js'
import { createMemoryNetwork, type MemoryNetwork } from '../../support/memory-network.js'
import { dialRaw, type RawPeer } from '../../support/raw-peer.js'
import { essenceOf, spelledTwice } from '../../support/v118.js'
import { bytesOf, vector } from '../../support/vectors.js'

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

/** Plays the client of a capture step by step up to `until`, and gives the answers in pairs: ours and Go's. */
async function replay(name: string): Promise<{ ours: HttpBytes; theirs: HttpBytes }[]> {
  const answers: { ours: HttpBytes; theirs: HttpBytes }[] = []
  for (const segment of vector(file, name).segments ?? []) {
    if (segment.dir === 'client>server') peer.write(bytesOf(segment))
    else if (segment.dir === 'client>server FIN') peer.end()
    else if (segment.dir === 'server>client') {
      for (const theirs of allMessages(bytesOf(segment)).messages)
        answers.push({ ours: await peer.message(), theirs })
    }
  }
  return answers
}

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
    const answers = await replay(name)
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
    const [item, more] = await replay(name)
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
