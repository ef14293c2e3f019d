/** Compiled and run by scripts/pack-test.js in an empty folder that has nothing but the packed package. */
import { createService } from 'headrace'
import { createBrokerHub, memory as memoryBroker } from 'headrace/adapters/broker/memory'
import { createRegistryHub, memory as memoryRegistry } from 'headrace/adapters/registry/memory'
import { createTransportHub, memory as memoryTransport } from 'headrace/adapters/transport/memory'

const [registries, transports, brokers] = [createRegistryHub(), createTransportHub(), createBrokerHub()]
const start = (name: string) =>
  createService({
    name,
    registry: memoryRegistry({ hub: registries }),
    transport: memoryTransport({ hub: transports }),
    broker: memoryBroker({ hub: brokers }),
    log: false,
  })

const service = start('greeter')
service.handle({
  Greeter: { Hello: ({ name }: { name: string }) => ({ greeting: `Hello ${name}` }) },
})
await service.start()

const client = start('greeter.client')
const answer = await client.client('greeter').call<{ greeting: string }>('Greeter.Hello', { name: 'John' })
console.log(answer.greeting)

await client.close()
await service.close()
