/** headrace: services that find, call, stream with and publish to each other. The vocabulary below this is in `headrace/streams`. */
export { createService } from './service.js'
export type { BrowserOptions } from './service/browser-options.js'
export type { ServiceEvent } from './service/events.js'
export type {
  CloseOptions,
  Hook,
  OwnFlags,
  ServiceHooks,
  ServiceMiddleware,
  ServiceOptions,
} from './service/options.js'
export type {
  ClientOptions,
  PublishCallOptions,
  RunOptions,
  Service,
  ServiceState,
  ServiceStats,
} from './service/service-types.js'
export {
  defineTopic,
  type DeliveryHandler,
  type EventHandler,
  type SubscriberOptions,
  type TopicDefinition,
} from './service/subscribers.js'
export {
  definePlugin,
  type AdapterSettings,
  type BrokerSettings,
  type Plugin,
  type PluginKind,
  type TransportSettings,
} from './plugins.js'
export type { FlagKind, FlagSpec } from './flags.js'

export { work } from './streams/operators/work.js'
export { bounded } from './streams/operators/bounded.js'
export { mapFlow, type Flow } from './streams/flow.js'
export type { Reply } from './streams/reply.js'
export { ServiceError, type ErrorKind } from './streams/errors.js'
export type { CallOptions, ClientOf, UntypedClient } from './streams/client.js'
export type { Context } from './streams/context.js'
export type { Delivery } from './streams/delivery.js'
export type { Exchange, Middleware, Source } from './streams/exchange.js'
export { withMetadata } from './streams/context.js'
export { defineService, rpc } from './streams/define-service.js'
export { bidi, clientStream, serverStream, type HandlersOf } from './streams/server.js'
export type { StandardSchema } from './streams/standard-schema.js'
export type { ServiceNode } from './streams/registry.js'

export { random } from './streams/strategies/random.js'
export { roundRobin } from './streams/strategies/round-robin.js'
export { leastConn } from './streams/strategies/least-conn.js'
export { powerOfTwo } from './streams/strategies/power-of-two.js'
export { peakEwma } from './streams/strategies/peak-ewma.js'
export { rendezvous } from './streams/strategies/rendezvous.js'
export { all, any, byEndpoint, byLabel, byVersion, byZone, not } from './streams/filter.js'
export type { Filter, LiveFilter, Strategy } from './streams/selector.js'
