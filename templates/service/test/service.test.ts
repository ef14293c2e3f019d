import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createService, type Service } from 'headrace'
import { createBrokerHub, memory as memoryBroker } from 'headrace/adapters/broker/memory'
import { createRegistryHub, memory as memoryRegistry } from 'headrace/adapters/registry/memory'
import { createTransportHub, memory as memoryTransport } from 'headrace/adapters/transport/memory'
import { Greeter } from '../src/greeter.js'
import { createGreeter } from '../src/service.js'

// One network in memory, for the service and its client.
const [registries, transports, brokers] = [createRegistryHub(), createTransportHub(), createBrokerHub()]
const options = () => ({
  registry: memoryRegistry({ hub: registries }),
  transport: memoryTransport({ hub: transports }),
  broker: memoryBroker({ hub: brokers }),
  argv: [],
  env: {},
  log: false as const,
})

let service: Service
let client: Service
before(async () => {
  service = createGreeter(options())
  client = createService({ name: 'test', ...options() })
  await service.start()
})
after(async () => {
  await client.close()
  await service.close()
})

void test('greets', async () => {
  const greeter = client.client(Greeter, '__name__')
  assert.deepEqual(await greeter.hello({ name: 'John' }), { greeting: 'Hello John' })
})
