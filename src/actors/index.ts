/** Actors: state and supervision, for the runtime and for whoever builds on it. */
export { spawn } from './actor.js'
export type { ActorEvent } from './actor-event.js'
export type { ActorOptions } from './actor-options.js'
export type { Actor, Behavior, Effect, Step } from './behavior.js'
export { child } from './child.js'
export { type Decision, type Supervision } from './supervisor.js'
