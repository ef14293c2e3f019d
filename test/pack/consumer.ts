/** Compiled and run by scripts/pack-test.js in an empty folder that has nothing but the packed package. */
import { createBrokerHub, memory } from 'headrace/adapters/broker/memory'
import { ServiceError, type SubscriptionEvent } from 'headrace/streams'

const hub = createBrokerHub()
const [publisher, subscriber] = [memory({ hub }), memory({ hub })]

subscriber.subscribe('greetings').subscribe({
  next: event => {
    if (event.kind === 'subscribed') greet()
    else hear(event)
  },
  error: (error: unknown) => console.error(error instanceof ServiceError ? error.detail : error),
})

function greet(): void {
  const body = new TextEncoder().encode('Hello John')
  publisher.publish('greetings', { headers: {}, body }).subscribe({ error: console.error })
}

function hear({ delivery }: Extract<SubscriptionEvent, { kind: 'delivery' }>): void {
  console.log(new TextDecoder().decode(delivery.value.body))
  delivery.ack()
  void Promise.all([publisher.close(), subscriber.close()])
}
