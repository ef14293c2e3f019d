import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { CallOptions } from 'headrace/streams'
import { failure } from './calls-to-peer.js'
import type { PeerName } from './cells.js'
import { Echo, value, type Value } from './echo.js'
import { startHeadrace, type HeadraceNode } from './headrace-node.js'
import { peerFlags } from './neighbours.js'
import { startPeer, type Peer } from './peer-process.js'
import { commandOf, mustRun, whyNot } from './programs.js'
import { dialectOf } from './traits.js'

const times = 200

/** Streams whose requests have ended before the peer has said anything: everything that its handler says still comes. */
describe.each<{ peer: PeerName; contentTypes: readonly string[] }>([
  { peer: 'go-micro 2017', contentTypes: ['application/json', 'application/octet-stream'] },
  {
    peer: 'go-micro 1.18',
    contentTypes: ['json', 'json-rpc', 'protobuf', 'proto-rpc'].map(type => `application/${type}`),
  },
])('streams whose requests have ended, to $peer', ({ peer: name, contentTypes }) => {
  const reason = whyNot(name)
  let peer: Peer
  let node: HeadraceNode
  beforeAll(async () => {
    if (reason !== undefined && !mustRun) return
    node = await startHeadrace('ended.headrace', 'address', '')
    peer = await startPeer(commandOf(name), peerFlags('ended.peer', 'address', ''))
  })
  afterAll(async () => {
    await node?.service.close({ lingerMs: 0 })
    await peer?.stop()
  })
  const options = (contentType: string): CallOptions => ({
    address: peer.address,
    dialect: dialectOf(name),
    contentType,
  })
  const each = (title: string, check: (contentType: string) => Promise<void>) =>
    it.for(contentTypes)(`${title}, %s`, { timeout: 60_000 }, async (contentType, context) => {
      context.skip(reason !== undefined && !mustRun, reason)
      await check(contentType)
    })
  const numbersOf = async (answers: AsyncIterable<Value>) => {
    const numbers: bigint[] = []
    for await (const { number } of answers) numbers.push(number)
    return numbers
  }

  each('its answers come, however late', async contentType => {
    const echo = node.service.client(Echo, 'ended.peer')
    for (const lateMs of [0n, 10n, 300n]) {
      const numbers = [lateMs, 1n, 2n, 3n]
      const requests = numbers.map(number => value({ number }))
      expect(await numbersOf(echo.late(requests, options(contentType)))).toEqual(numbers)
    }
  })

  each(`its error comes, ${times} times`, async contentType => {
    const counting = { ...Echo, break: { ...Echo.break, cardinality: 'bidi' as const } }
    const echo = node.service.client(counting, 'ended.peer')
    const ask = (at: number) =>
      failure(numbersOf(echo.break([value({ number: BigInt(at % 3) })], options(contentType))))
    for (let at = 0; at < times; at += 1) {
      expect(await ask(at)).toMatchObject({ code: 409, detail: 'broken', id: 'interop' })
    }
  })

  each('what it says before it ends comes whole, to a slow reader too', async contentType => {
    const requests = Array.from({ length: 100 }, (_, at) =>
      value({ number: BigInt(at), text: 'x'.repeat(5_000) }),
    )
    const answers = node.service.client(Echo, 'ended.peer').late(requests, options(contentType))
    const numbers: bigint[] = []
    for await (const { number } of answers) {
      numbers.push(number)
      if (numbers.length % 10 === 0) await new Promise(resolve => setTimeout(resolve, 30))
    }
    expect(numbers).toEqual(requests.map(({ number }) => number))
  })
})
