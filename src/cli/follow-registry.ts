import { defer, retry, tap, throwError, timer, type Observable } from 'rxjs'
import {
  ServiceError,
  foldRegistry,
  systemClock,
  type Registry,
  type ServiceRecord,
} from '../streams/index.js'
import type { CommandContext } from './command.js'

const againAfterMs = 1_000

/**
 * The services of a registry as they change, also over the time in which it cannot be reached. Cold. First value: what there is, when it is known. Errors when the registry
 * cannot be reached at the beginning; later that is a note, and it is asked again each second. Never completes before the registry is closed. Unsubscribing ends the watch. A
 * slow consumer is not waited for.
 */
export function followRegistry(
  registry: Registry,
  name: string | undefined,
  { shell, note }: Pick<CommandContext<Record<never, never>>, 'shell' | 'note'>,
): Observable<readonly ServiceRecord[]> {
  const { scheduler } = shell.clock ?? systemClock
  return defer(() => {
    let known = false
    return registry.watch(name).pipe(
      tap(() => (known = true)),
      retry({
        delay: (failure: unknown) => {
          if (!known) return throwError(() => failure)
          void note(ServiceError.from(failure).detail).catch(() => undefined) // nobody reads it any more
          return timer(againAfterMs, scheduler)
        },
      }),
      foldRegistry(),
    )
  })
}
