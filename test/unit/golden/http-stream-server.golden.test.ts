import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { http } from 'headrace/adapters/transport/http'
import { ServiceError } from 'headrace/streams'
import { deliberateDifferences } from '../../support/deliberate-differences.js'
import { makeGoGreeter } from '../../support/go-greeter.js'
import type { HttpBytes } from '../../support/http-bytes.js'
import { createMemoryNetwork, type MemoryNetwork } from '../../support/memory-network.js'
import { dialRaw, type RawPeer } from '../../support/raw-peer.js'
import { replay } from '../../support/replay.js'
import { vector } from '../../support/vectors.js'

const file = '2017-http-stream'

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

/** What counts in an answer. Headers of the request that Go echoes are for nobody (PROTOCOL section 2.2) and are left out. */
function essence({ start, headers, body }: HttpBytes) {
  return {
    start,
    type: headers['Content-Type'],
    length: headers['Content-Length'],
    body: body.toString('hex'),
  }
}

describe('a server streams as the client of go-micro 2017 expects', () => {
  it.each([
    'bidi-server-ends application/json',
    'bidi-server-ends application/octet-stream',
    'server-push application/json',
    'server-push application/octet-stream',
    'stream-error application/json',
    'stream-error application/octet-stream',
  ])('%s: the same answers, and the end', async name => {
    const answers = await replay(peer, file, name)
    expect(answers.length).toBeGreaterThan(1)
    expect(answers.map(({ ours }) => essence(ours))).toEqual(answers.map(({ theirs }) => essence(theirs)))
    expect(await peer.ended()).toHaveLength(0)
  })

  it.each([['bidi-client-ends application/json'], ['bidi-client-ends application/octet-stream']])(
    '%s: the end of the requests is answered with the end of the stream',
    async name => {
      expect(deliberateDifferences[`${file}/${name}`]).toBeDefined()
      const [item, last] = await replay(peer, file, name)
      if (item === undefined || last === undefined) return expect.fail('two answers were captured')
      expect(essence(item.ours)).toEqual(essence(item.theirs))
      const end = last.theirs.body.toString('latin1').replace('EOF', 'EOS')
      expect(last.ours.body.toString('latin1')).toBe(end)
      expect(await peer.ended()).toHaveLength(0)
    },
  )

  it('stream-unknown-method application/json: an error object, with the id of the opening', async () => {
    const name = 'stream-unknown-method application/json'
    expect(deliberateDifferences[`${file}/${name}`]).toBeDefined()
    const [answer] = await replay(peer, file, name)
    const text = "rpc: can't find method Greeter.NoSuch"
    expect(JSON.parse(answer?.theirs.body.toString() ?? '')).toEqual({ id: 0, result: {}, error: text })
    const error = new ServiceError('not_found', text, { id: 'greeter' }).toWire()
    expect(answer?.ours.body.toString()).toBe(`${JSON.stringify({ id: 0, result: {}, error })}\n`)
  })

  it('stream-unknown-method application/octet-stream: the same in proto-rpc', async () => {
    const name = 'stream-unknown-method application/octet-stream'
    expect(deliberateDifferences[`${file}/${name}`]).toBeDefined()
    const [answer] = await replay(peer, file, name)
    const text = "rpc: can't find method Greeter.NoSuch"
    const go = answer?.theirs.body.subarray(4, -4).toString('latin1') ?? ''
    const error = new ServiceError('not_found', text, { id: 'greeter' }).toWire()
    expect(error.length).toBeLessThan(128)
    const textField = (held: string) => `\x1a${String.fromCharCode(held.length)}${held}`
    expect(go).toContain(textField(text))
    expect(answer?.ours.body.subarray(4, -4).toString('latin1')).toBe(
      go.replace(textField(text), textField(error)),
    )
  })

  it('leftover-messages: what comes for a stream that has ended opens no other', async () => {
    const name = 'leftover-messages'
    expect(deliberateDifferences[`${file}/${name}`]).toBeDefined()
    const { clientBodies, serverBodies } = vector(file, name).json as {
      readonly clientBodies: readonly unknown[]
      readonly serverBodies: readonly unknown[]
    }
    const bodies = clientBodies.map(body => JSON.stringify(body))
    const head = 'POST / HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: '
    peer.write(bodies.map(body => `${head}${body.length}\r\n\r\n${body}`).join(''))
    const ours = [await peer.message(), await peer.message()].map(
      ({ body }) => JSON.parse(body.toString()) as unknown,
    )
    expect(ours).toEqual([serverBodies.at(0), serverBodies.at(-1)])
  })
})
