import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Service } from 'headrace'
import { http } from 'headrace/adapters/transport/http'
import type { CallOptions } from 'headrace/streams'
import { GoGreeter, makeGoGreeter } from '../../support/go-greeter.js'
import { goServer } from '../../support/go-server.js'
import { createMemoryNetwork, type MemoryNetwork } from '../../support/memory-network.js'
import { vector } from '../../support/vectors.js'
import { VirtualClock } from '../../support/virtual-clock.js'

const file = 'compat-matrix'
const contentTypes = [
  'application/json',
  'application/json-rpc',
  'application/protobuf',
  'application/octet-stream',
]
const outcomes = (name: string) => vector(file, name).json as Readonly<Record<string, string>>

let network: MemoryNetwork
let greeter: Service
let caller: Service

beforeEach(async () => {
  network = createMemoryNetwork(() => http({ fastLane: false }))
  greeter = makeGoGreeter(network)
  await greeter.start()
  caller = network.makeService('caller')
})

afterEach(() => network.close())

const hello = (options: CallOptions) => caller.client(GoGreeter, 'greeter').hello({ name: 'John' }, options)

/** What fails between the two generations of go-micro works with headrace at one end. */
describe('both generations', () => {
  it.each(contentTypes)(
    '2017-client to v1.18-server: our server answers %s in the dialect of 2017',
    async type => {
      expect(outcomes('2017-client to v1.18-server (direct address)')[type]).toMatch(/^(ok|fails)/)
      const options: CallOptions = { address: greeter.address ?? '', contentType: type, dialect: 'rpc' }
      expect(await hello(options)).toEqual({ greeting: 'Hello John' })
    },
  )

  it.each(contentTypes)(
    'v1.18-client to 2017-server: our server answers %s in the dialect of version 1',
    async type => {
      const direct = outcomes('v1.18-client to 2017-server by direct address (mucp assumed)')
      expect(direct['application/protobuf']).toContain('closed')
      const registry = 'v1.18-client to 2017-server via registry (node without protocol metadata)'
      expect(outcomes(registry)[type]).toBe('ok')
      const options: CallOptions = { address: greeter.address ?? '', contentType: type, dialect: 'mucp' }
      expect(await hello(options)).toEqual({ greeting: 'Hello John' })
      expect(await hello({ contentType: type })).toEqual({ greeting: 'Hello John' })
    },
  )

  it('a client of 2017 reads the text id of a v1.18 server', async () => {
    const clock = new VirtualClock()
    const server = await goServer('v118-http-unary', 'raw-2017-json')
    const client = network.makeService('old', { clock })
    const answer = client
      .client('greeter')
      .call('Greeter.Hello', { name: 'John' }, { address: server.address })
    expect(await answer).toEqual({ greeting: 'Hello John' })
    await server.close()
  })

  it('application/octet-stream in the old mode of a v1.18 client is answered', () => {
    const name = 'v1.18-client in old codec mode to v1.18-server'
    expect(outcomes(name)['application/octet-stream']).toContain('times out') // see legacy-unary of v118-http-unary
  })

  it('Debug.Stats has the numbers of the dialect', async () => {
    const stats = async (dialect: 'rpc' | 'mucp') => {
      const options: CallOptions = { address: greeter.address ?? '', dialect }
      return caller.client('greeter').call<Record<string, unknown>>('Debug.Stats', {}, options)
    }
    expect(Object.keys(await stats('rpc'))).not.toContain('timestamp')
    expect(Object.keys(await stats('mucp'))[0]).toBe('timestamp')
  })
})
