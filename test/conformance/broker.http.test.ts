import { readFileSync } from 'node:fs'
import { describe, it } from 'vitest'
import { http, type HttpBrokerOptions } from 'headrace/adapters/broker/http'
import { createRegistryHub, memory as memoryRegistry } from 'headrace/adapters/registry/memory'
import { proveBroker, type BrokerSubject } from './broker.suite.js'
import type { Subjects } from './law.js'

const pem = (name: string) => readFileSync(new URL(`../support/tls/${name}`, import.meta.url), 'utf8')
const tls = { ca: pem('ca.pem'), cert: pem('server.pem'), key: pem('server.key.pem') }

proveBroker({ describe, it }, 'the http broker', subjects({}))
proveBroker({ describe, it }, 'the http broker over TLS', subjects({ tls }))
proveBroker({ describe, it }, 'the http broker, posting', subjects({ fastLane: false }))

function subjects(options: Partial<HttpBrokerOptions>): Subjects<BrokerSubject> {
  return {
    // What is posted is answered alike for an ack and a nack.
    features: { loss: false, redelivery: false, nacks: options.fastLane !== false },
    setup() {
      const registry = memoryRegistry({ hub: createRegistryHub() })
      const [window, queueSize] = [4, 16]
      // A message that was sent has left the publisher's queue, so both ends have the same window here.
      const settings = { registry, address: '127.0.0.1:0', window, pipelining: window, queueSize }
      const handle = () => http({ ...settings, ...options })
      return { publisher: handle(), subscriber: handle(), window, queueSize }
    },
    async teardown({ publisher, subscriber }) {
      await Promise.all([publisher.close(), subscriber.close()])
    },
  }
}
