import { createBrokerHub, memory } from 'headrace/adapters/broker/memory'
import type { Broker } from 'headrace/streams'
import type { BrokerSubject } from '../conformance/broker.suite.js'
import type { Subjects } from '../conformance/law.js'

/** Two memory brokers of one hub. `plant` is called for each pair, and what it gives wraps both: that is how faults get in. */
export function memoryBrokerSubjects(
  plant: () => (broker: Broker) => Broker = () => broker => broker,
): Subjects<BrokerSubject> {
  const [window, queueSize] = [4, 16]
  return {
    features: { loss: true, redelivery: false, nacks: true },
    setup() {
      const hub = createBrokerHub()
      const wrap = plant()
      const handle = () => wrap(memory({ hub, window, queueSize }))
      return {
        publisher: handle(),
        subscriber: handle(),
        window,
        queueSize,
        disconnect: () => hub.disconnect(),
        reconnect: () => hub.reconnect(),
      }
    },
    async teardown({ publisher, subscriber }) {
      await Promise.all([publisher.close(), subscriber.close()])
    },
  }
}
