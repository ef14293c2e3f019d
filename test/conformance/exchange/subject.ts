import type { Middleware, Service, ServiceMiddleware } from 'headrace'
import type { EndpointDefinition } from 'headrace/streams'

/** A message of the test service. */
export interface Item {
  text: string
  n: number
}

/** The test service: each cardinality once, each doing what its request says. */
export type TestDefinition = {
  /** Answers the request. The text `fail` fails, `wait` waits until it is cancelled. */
  echo: EndpointDefinition<Item, Item, 'unary'>
  /** Answers `n` items, 0 to n − 1, with the text of the request; the text `fail` fails after them. */
  count: EndpointDefinition<Item, Item, 'serverStream'>
  /** Answers the sum of all `n` and the joined texts. */
  sum: EndpointDefinition<Item, Item, 'clientStream'>
  /** Answers each request as it comes. */
  talk: EndpointDefinition<Item, Item, 'bidi'>
}

/** What one law of the exchange works with: a fresh network. */
export interface ExchangeSubject {
  /** The test service's definition, with types where the content type needs them. */
  readonly definition: TestDefinition
  /** How requests are written. */
  readonly contentType: string
  /** A service of that name on the network, not started; the subject closes it. */
  makeService(name: string, middleware?: ServiceMiddleware): Service
}

/** A middleware that writes a line before and after what it wraps. */
export function noting(label: string, notes: string[]): Middleware {
  return next => (requests, context) => {
    notes.push(`${label} in`)
    return next(requests, context)
  }
}
