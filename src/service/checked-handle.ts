import { isObservable, mergeMap, of, from, type Observable } from 'rxjs'
import { checkValue } from '../streams/check-value.js'
import { checkedSource } from '../streams/checked-source.js'
import type { EndpointDefinition } from '../streams/endpoint.js'
import { ServiceError } from '../streams/errors.js'
import type { Source } from '../streams/exchange.js'
import { flowFrom } from '../streams/flow-from.js'
import type { ServedEndpoint } from '../streams/server.js'
import { isPromiseLike, toSource } from '../streams/source.js'

type Handle = ServedEndpoint['handle']
type Check = (value: unknown) => unknown

/** Hears of each answer of a handler that its own schema refuses: the peer is told only that there was one. */
export type ReportAnswer = (error: ServiceError) => void

/**
 * A handler behind the schemas of its definition: requests that do not fit are `bad_request` and never reach it, and an answer that does not fit is `internal`.
 * Without schemas it is the handler itself.
 */
export function checkedHandle(definition: EndpointDefinition, handle: Handle, report: ReportAnswer): Handle {
  const { requestSchema, responseSchema, cardinality } = definition
  const checkRequest = requestSchema === undefined ? undefined : requestCheck(definition)
  const checkAnswer = responseSchema === undefined ? undefined : answerCheck(definition, report)
  const streamsIn = cardinality === 'clientStream' || cardinality === 'bidi'
  const streamsOut = cardinality === 'serverStream' || cardinality === 'bidi'
  const answered = (result: unknown): unknown => {
    if (checkAnswer === undefined) return result
    return streamsOut
      ? checkedSource(toSource(result, definition.name), checkAnswer)
      : checkedResult(result, checkAnswer)
  }
  if (checkRequest === undefined && checkAnswer === undefined) return handle
  return (input: never, context: never): unknown => {
    const run = (request: unknown): unknown => answered(handle(request as never, context))
    if (checkRequest === undefined) return run(input)
    if (streamsIn) return run(flowFrom(checkedSource(input, checkRequest)))
    const request = checkRequest(input)
    if (!isPromiseLike(request)) return run(request)
    return streamsOut
      ? checkedSource(request.then(run) as PromiseLike<Source<unknown>>, each => each)
      : request.then(run)
  }
}

/** The check of what a caller sends: also the one that a client may make before it sends. */
export function requestCheck({ name, requestSchema }: EndpointDefinition): Check {
  if (requestSchema === undefined) return value => value
  return value =>
    checkValue(requestSchema, value, text => new ServiceError('bad_request', `${name}: ${text}`))
}

function answerCheck({ name, responseSchema }: EndpointDefinition, report: ReportAnswer): Check {
  if (responseSchema === undefined) return value => value
  const fault = (text: string): ServiceError => {
    const cause = new ServiceError('internal', `${name}: the answer of the handler does not fit: ${text}`)
    report(cause)
    return new ServiceError('internal', `${name}: the answer of the handler does not fit its definition`, {
      cause,
    })
  }
  return value => checkValue(responseSchema, value, fault)
}

/** What a handler of one answer returned, checked in the same turn where that is possible. */
function checkedResult(result: unknown, check: Check): unknown {
  if (isObservable(result)) return result.pipe(mergeMap(value => streamOf(check(value))))
  return isPromiseLike(result) ? result.then(check) : check(result)
}

function streamOf(checked: unknown): Observable<unknown> {
  return isPromiseLike(checked) ? from(checked) : of(checked)
}
