import {
  NEVER,
  Observable,
  catchError,
  concat,
  defer,
  ignoreElements,
  of,
  repeat,
  timer,
  type Subscription,
} from 'rxjs'
import { ServiceError, type Clock, type Registry, type ServiceRecord } from '../../../streams/index.js'

/** How a subscription is kept in the registry. */
export interface RegistrationOptions {
  readonly registry: Registry
  readonly record: ServiceRecord
  readonly ttlMs: number
  readonly registerIntervalMs: number
  readonly clock: Clock
  readonly fault: (error: ServiceError) => void
}

/**
 * Registers a subscription and does it again every interval, unless that is 0 (PROTOCOL section 11). Cold. Emits once, when the registry has it for the
 * first time; then never ends. Errors `unavailable` when the first registration fails; a later failure is a fault event, and the next
 * one is tried at the interval. Unsubscribing stops it; `deregister` takes the record out.
 */
export function keepRegistered(options: RegistrationOptions): Observable<'registered'> {
  const { registry, record, ttlMs, registerIntervalMs, clock, fault } = options
  const register = defer(() => registry.register(record, { ttlMs }))
  if (registerIntervalMs === 0) return concat(register, of('registered' as const), NEVER)
  const again = timer(registerIntervalMs, clock.scheduler).pipe(
    ignoreElements(),
    source => concat(source, register.pipe(catchError(toFault(fault, `keep '${record.name}' registered`)))),
    repeat(),
  )
  return concat(register, of('registered' as const), again)
}

/** Takes a record out. The promise never rejects: a failure is a fault event, and the record leaves when its time has passed. */
export function deregister({ registry, record, fault }: RegistrationOptions): Promise<void> {
  const gone = defer(() => registry.deregister(record)).pipe(
    catchError(toFault(fault, `deregister '${record.name}'`)),
  )
  return new Promise(resolve => {
    const running: Subscription = gone.subscribe({ complete: resolve, error: fault })
    running.add(resolve)
  })
}

function toFault(fault: (error: ServiceError) => void, what: string): (error: unknown) => Observable<never> {
  return error => {
    const { kind, message } = ServiceError.from(error)
    fault(new ServiceError(kind, `http broker: cannot ${what}: ${message}`, { cause: error }))
    return new Observable(subscriber => subscriber.complete())
  }
}
