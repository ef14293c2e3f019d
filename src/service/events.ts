import type { ServiceError } from '../streams/errors.js'

/**
 * Something that nobody waits for but somebody may want to know: a nacked message, a restart, a registry that is out of reach. Everything
 * that could not be told as the outcome of an operation ends up here.
 */
export interface ServiceEvent {
  /** `notice` and `warning` are what `run` writes to its log. */
  readonly level: 'info' | 'notice' | 'warning'
  /** The part that tells it, for example `registry mdns` or `connection pool`. */
  readonly source: string
  /** One line for a log. */
  readonly text: string
  readonly error?: ServiceError
  /** What the part said, as it said it. */
  readonly event: object
}

/** What parts say: their kinds differ, some carry a text, an error or an address. */
export interface PartEvent {
  readonly kind: string
  readonly error?: ServiceError
  readonly text?: string
  readonly address?: string
}

/** The event of a part as a {@link ServiceEvent}: with an error it is a warning. */
export function eventOf(source: string, event: PartEvent): ServiceEvent {
  const { kind, error, text = kind, address = '' } = event
  if (error !== undefined) {
    return { level: 'warning', source, text: `${source}: ${text}: ${error.detail}`, error, event }
  }
  if (kind === 'listening' && source.startsWith('broker ')) {
    return { level: 'notice', source, text: `Broker Listening on ${address}`, event }
  }
  return {
    level: kind === 'notice' ? 'notice' : 'info',
    source,
    text: `${source}: ${text} ${address}`.trimEnd(),
    event,
  }
}
