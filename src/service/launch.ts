import type { Observable } from 'rxjs'
import type { Health } from '../actors/session/probe.js'
import type { ServiceError } from '../streams/errors.js'
import type { ServedEndpoint } from '../streams/server.js'
import type { ServiceEvent } from './events.js'
import type { Parts } from './parts.js'
import type { ServiceSettings } from './settings.js'
import type { SubscriberSpec } from './subscribers.js'

/** What a start works with. */
export interface Launch {
  readonly settings: ServiceSettings
  readonly parts: Parts
  readonly endpoints: readonly ServedEndpoint[]
  readonly subscribers: readonly SubscriberSpec[]
  readonly tell: (event: ServiceEvent) => void
  /** Told before the node goes into the registry: whoever finds it there may ask how it is at once. */
  readonly registers: () => void
  /** How the service is at the moment. */
  readonly health: () => Health
  /** Replays. Errors when the start is to give up. */
  readonly stop: Observable<never>
  /** The service can not go on. */
  readonly fail: (error: ServiceError) => void
}
