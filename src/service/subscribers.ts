import type { Context } from '../streams/context.js'
import type { Delivery } from '../streams/delivery.js'
import type { TypeRef } from '../streams/endpoint.js'

/** A topic with the type of its events: made by `defineTopic`. */
export interface TopicDefinition<T> {
  readonly topic: string
  /** Absent: events travel as JSON. */
  readonly type?: TypeRef<T>
}

/** Describes a topic, so that publishers and subscribers share the type of its events. */
export function defineTopic<T>(topic: string, type?: TypeRef<T>): TopicDefinition<T> {
  return type === undefined ? { topic } : { topic, type }
}

/** A topic that is only named has events in JSON. */
export function definitionOf<T>(topic: string | TopicDefinition<T>): TopicDefinition<T> {
  return typeof topic === 'string' ? { topic } : topic
}

/** Options of one subscriber. */
export interface SubscriberOptions {
  /** Subscribers of one queue share the events. @default each subscriber gets all */
  readonly queue?: string
  /** How many events are handled at once; with 1 their order is kept. @default the service's `subscriberConcurrency` */
  readonly concurrency?: number
  /** The name in the registry. @default the handler's name, or the topic */
  readonly name?: string
  /** Not shown in the registry. @default false */
  readonly internal?: boolean
}

/** Handles one event. When what it returns is done, the event is acked; when it fails, nacked and told as an event of the service. */
export type EventHandler<T> = (event: T, context: Context) => unknown

/** Handles one delivery and answers it itself. */
export type DeliveryHandler<T> = (delivery: Delivery<T>, context: Context) => unknown

/** A subscriber as it was declared. */
export interface SubscriberSpec {
  readonly topic: string
  readonly type?: TypeRef
  readonly name: string
  readonly options: SubscriberOptions & { readonly ack?: 'manual' }
  readonly handler: (input: never, context: Context) => unknown
}
