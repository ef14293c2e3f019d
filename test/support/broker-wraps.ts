import { map, mergeMap, of, type Observable } from 'rxjs'
import {
  mapDelivery,
  type Broker,
  type Delivery,
  type DeliveryReport,
  type Message,
  type Source,
  type StreamReport,
  type SubscriptionEvent,
} from 'headrace/streams'

/** What stands between a law and a sound broker. */
export type Wrap = (broker: Broker) => Broker
export type Events = Observable<SubscriptionEvent>
export type Reports = Observable<DeliveryReport>

export function faced(broker: Broker): Broker {
  return {
    name: broker.name,
    events: broker.events,
    publish: (topic, message, options) => broker.publish(topic, message, options),
    publishAll: (topic, messages, options) => broker.publishAll(topic, messages, options),
    subscribe: (topic, options) => broker.subscribe(topic, options),
    close: () => broker.close(),
  }
}

export function subscribing(change: (events: Events, queue: string | undefined) => Events): Wrap {
  return broker => ({
    ...faced(broker),
    subscribe: (topic, options) => change(broker.subscribe(topic, options), options?.queue),
  })
}

export function reporting(change: (reports: Reports) => Reports): Wrap {
  return broker => ({
    ...faced(broker),
    publish: (topic, message, options) => change(broker.publish(topic, message, options)),
  })
}

/** Changes what is published as a stream, and what is reported on it. */
export function streaming(
  change: (reports: Observable<StreamReport>) => Observable<StreamReport>,
  source: (messages: Source<Message>) => Source<Message> = messages => messages,
): Wrap {
  return broker => ({
    ...faced(broker),
    publishAll: (topic, messages, options) => change(broker.publishAll(topic, source(messages), options)),
  })
}

export function delivering(change: (message: Message) => Message): Wrap {
  return subscribing(events =>
    events.pipe(map(event => answering(event, delivery => mapDelivery(delivery, change(delivery.value))))),
  )
}

export function answering(
  event: SubscriptionEvent,
  change: (delivery: Delivery<Message>) => Delivery<Message>,
): SubscriptionEvent {
  return event.kind === 'delivery' ? { ...event, delivery: change(event.delivery) } : event
}

export function said({ error }: DeliveryReport, words: string): boolean {
  return error?.message.includes(words) === true
}

export const echo = (kind: string) => (events: Events) =>
  events.pipe(mergeMap(event => (event.kind === kind ? of(event, event) : of(event))))
