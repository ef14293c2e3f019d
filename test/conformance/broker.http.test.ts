import { describe, it } from 'vitest'
import { http } from 'headrace/adapters/broker/http'
import { createRegistryHub, memory as memoryRegistry } from 'headrace/adapters/registry/memory'
import { proveBroker } from './broker.suite.js'

proveBroker({ describe, it }, 'the http broker', {
  features: { loss: false, redelivery: false, nacks: false },
  setup() {
    const registry = memoryRegistry({ hub: createRegistryHub() })
    const [window, queueSize] = [4, 16]
    // A message that was posted has left the publisher's queue, so both ends have the same window here.
    const handle = () => http({ registry, address: '127.0.0.1:0', window, pipelining: window, queueSize })
    return { publisher: handle(), subscriber: handle(), window, queueSize }
  },
  async teardown({ publisher, subscriber }) {
    await Promise.all([publisher.close(), subscriber.close()])
  },
})
