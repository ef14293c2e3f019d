import { fileURLToPath } from 'node:url'
import { defineTopic } from 'headrace'
import { loadProto } from 'headrace/adapters/codec/proto-types'
import type { EndpointDefinition } from 'headrace/streams'

/** A count on its way: 64-bit integers of a .proto are bigint. */
export interface Count {
  count: bigint
}

/** What is published on the topic `events`. */
export interface Event {
  id: string
  timestamp: bigint
  message: string
}

/** The methods of greeter.proto, with the types of their messages. */
export type GreeterDefinition = {
  hello: EndpointDefinition<{ name: string }, { greeting: string }, 'unary'>
  stream: EndpointDefinition<Count, Count, 'bidi'>
  serverStream: EndpointDefinition<Count, Count, 'serverStream'>
}

const types = await loadProto(fileURLToPath(new URL('./greeter.proto', import.meta.url)))

/** The greeter, as a client calls it and a service serves it. */
export const Greeter = types.service<GreeterDefinition>('Greeter')

/** The topic that the greeter listens to. */
export const Events = defineTopic('events', types.type<Event>('Event'))
