/** Actors: state and supervision, for the runtime and for whoever builds on it. */
export { spawn } from './actor.js'
export type { ActorEvent } from './actor-event.js'
export type { ActorOptions } from './actor-options.js'
export type { Actor, Behavior, Effect, Step } from './behavior.js'
export { child } from './child.js'
export {
  createConnectionPool,
  type AcquireOptions,
  type ConnectionPool,
  type ConnectionPoolEvent,
  type ConnectionPoolOptions,
  type ConnectionPoolStats,
  type LinkWaiter,
} from './connection-pool.js'
export { createDeadlines, type Deadlines, type DeadlinesOptions } from './deadlines.js'
export {
  createRegistration,
  type Registration,
  type RegistrationEvent,
  type RegistrationOptions,
  type RegistrationState,
} from './registration.js'
export type { RegistrationNotice } from './registration/registering.js'
export { createRegistryCache, type RegistryCache, type RegistryCacheOptions } from './registry-cache.js'
export type { CacheEvent } from './cached-service.js'
export { createSelector } from './selector.js'
export type { SelectorEvent, SelectorOptions } from './selector-options.js'
export type { EjectionOptions } from './selector/ejection-options.js'
export type { NodeEvent } from './selector/tracked-service.js'
export { blacklist } from './selectors/blacklist.js'
export { label, type LabelSelectorOptions } from './selectors/label.js'
export { named } from './selectors/named.js'
export { selectorFactories, type SelectorFactory } from './selectors/selector-factories.js'
export {
  createSubscription,
  type Subscription,
  type SubscriptionOptions,
  type SubscriptionReport,
  type SubscriptionState,
} from './subscription.js'
export type { HandlingFault } from './subscription/handling.js'
export type { Decision, Supervision } from './supervisor.js'
