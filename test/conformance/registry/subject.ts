import type { Registry } from 'headrace/streams'

/** What a registry's test provides: handles that meet, and a way to let time pass. */
export interface RegistrySubject {
  /** Opens another handle on the same registry. `teardown` closes all of them. */
  open(): Registry
  /** A service name that nothing else uses; the laws derive all their names from it. */
  readonly service: string
  /** The shortest time to live that the registry keeps exactly, in milliseconds. */
  readonly ttlMs: number
  /** Lets time pass for the registry: virtual time at once, or real time. */
  elapse(ms: number): Promise<void>
  /** How long a law waits for something to be seen, in real milliseconds. */
  readonly patienceMs: number
  /** How many things run for the handles now: sockets, timers, subscriptions, requests. */
  running(): number
  /** Cuts all handles off from the backend, and joins them again (feature `backendLoss`). */
  lose?(): Promise<void>
  restore?(): Promise<void>
}
