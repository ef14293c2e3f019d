/** The vocabulary of headrace: the interfaces of its parts, and pure functions and operators over streams. */
export type { Adapter, AdapterEvent } from './adapter.js'
export {
  formatAddress,
  parseAddress,
  parseListenAddress,
  type HostPort,
  type ListenAddress,
} from './address.js'
export type {
  Broker,
  BrokerStats,
  DeliveryReport,
  PublishOptions,
  PublishedTopicStats,
  StreamReport,
  SubscribeOptions,
  SubscriptionEvent,
} from './broker.js'
export type { CallOptions, ClientMethod, ClientOf, UntypedClient } from './client.js'
export { systemClock, type Clock } from './clock.js'
export { dialectOf, marksOf, topicOf } from './dialect.js'
export { probeKey, type Probe } from './probe.js'
export {
  endOfStream,
  endpointKey,
  type CallMarks,
  type Codec,
  type Dialect,
  type Envelope,
  type Format,
  type Formats,
  type FormatsByDialect,
  type FrameId,
  type RequestFrame,
  type ResponseFrame,
} from './codec.js'
export { formatTimeout, parseTimeout, withMetadata, type Context } from './context.js'
export { createDelivery, mapDelivery, type Delivery } from './delivery.js'
export type {
  BidiHandler,
  Cardinality,
  ClientStreamHandler,
  EndpointDefinition,
  HandlerOf,
  ServerStreamHandler,
  ServiceDefinition,
  TypeRef,
  UnaryHandler,
} from './endpoint.js'
export { endpointRecord, subscriberRecord, type RegisteredEndpoint } from './endpoint-record.js'
export {
  defineService,
  rpc,
  type DescribeMethod,
  type MessageSpec,
  type MethodDefinition,
  type MethodOptions,
  type ReceivedOf,
  type SentOf,
} from './define-service.js'
export type {
  StandardIssue,
  StandardJsonSchema,
  StandardProperties,
  StandardResult,
  StandardSchema,
} from './standard-schema.js'
export {
  ServiceError,
  codeOf,
  kindOf,
  phraseOf,
  refusedId,
  type ErrorKind,
  type ServiceErrorInit,
} from './errors.js'
export { compose, type Exchange, type Middleware, type Source } from './exchange.js'
export { Fifo } from './fifo.js'
export { createFlow, deliveriesOf, mapFlow, type Flow, type FlowOptions } from './flow.js'
export { emitDelivery, holdEmitted } from './emit-delivery.js'
export { createReply, type Reply, type ReplyObserver } from './reply.js'
export { toObservable, toSource } from './source.js'
export { backoff, fullJitter, type BackoffOptions } from './operators/backoff.js'
export { bounded, type OverflowRule } from './operators/bounded.js'
export { deadline } from './operators/deadline.js'
export { eager } from './operators/eager.js'
export { applyRegistryEvent, foldRegistry } from './operators/fold-registry.js'
export { paced, type PacedOptions } from './operators/paced.js'
export { untilAborted } from './operators/until-aborted.js'
export { work, type WorkOptions } from './operators/work.js'
export type { WorkResult } from './operators/work-result.js'
export { checkService } from './check-service.js'
export { NodeTable } from './node-table.js'
export { Inbox } from './inbox.js'
export { canonicalKey, emptyBody, header, type Message, type Metadata } from './message.js'
export {
  count,
  flag,
  given,
  milliseconds,
  oneOf,
  resolveOptions,
  text,
  type OptionRule,
  type OptionRules,
} from './options.js'
export {
  flattenNodes,
  type EndpointRecord,
  type NodeRecord,
  type RegisterOptions,
  type Registry,
  type RegistryEvent,
  type ServiceNode,
  type ServiceRecord,
  type ValueRecord,
} from './registry.js'
export type {
  ChoiceContext,
  Choose,
  Filter,
  LiveFilter,
  NodeLoad,
  PickOptions,
  Selector,
  Strategy,
} from './selector.js'
export {
  bidi,
  clientStream,
  serverStream,
  type HandleOptions,
  type HandlersOf,
  type ServedEndpoint,
  type StreamingHandler,
  type UntypedHandlers,
} from './server.js'
export { SendCredit, type SendLimits } from './send-credit.js'
export { all, any, byEndpoint, byLabel, byVersion, byZone, not } from './filter.js'
export type { MessageCount, SharedStats } from './shared-stats.js'
export type { Snapshot } from './snapshot.js'
export { leastConn } from './strategies/least-conn.js'
export { peakEwma, type PeakEwmaOptions } from './strategies/peak-ewma.js'
export { powerOfTwo } from './strategies/power-of-two.js'
export { preferLabels, type Label } from './strategies/prefer-labels.js'
export { random } from './strategies/random.js'
export { rendezvous } from './strategies/rendezvous.js'
export { roundRobin } from './strategies/round-robin.js'
export { flowFrom } from './flow-from.js'
export type {
  Cancel,
  Channel,
  IncomingCall,
  Link,
  ListenEvent,
  ReplySink,
  ServedCall,
  SharedConnection,
  Transport,
} from './transport.js'
