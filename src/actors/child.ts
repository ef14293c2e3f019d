import { Observable } from 'rxjs'
import { ServiceError } from '../streams/errors.js'
import { spawn } from './actor.js'
import type { ActorOptions } from './actor-options.js'
import type { Actor, Behavior } from './behavior.js'

/**
 * A child actor as an effect of its parent. Cold: each subscription spawns one. Emits what `started` makes of the actor, at once; a restart of the child
 * touches neither its siblings nor its parent. Completes when the child was closed or stopped, errors when it escalates: that is a failure of
 * the parent. Unsubscribing aborts the child.
 */
export function child<S, C, M>(
  behavior: Behavior<S, C>,
  started: (actor: Actor<S, C>) => M,
  options: Omit<ActorOptions, 'onFailure'> = {},
): Observable<M> {
  return new Observable(subscriber => {
    let escalated: ServiceError | undefined
    const actor = spawn(behavior, {
      ...options,
      report: event => {
        options.report?.(event)
        if (event.kind === 'failed' && event.decision === 'escalate') escalated = event.error
        if (event.kind !== 'stopped') return
        if (escalated === undefined) subscriber.complete()
        else subscriber.error(escalated)
      },
    })
    subscriber.add(() => actor.abort(new ServiceError('unavailable', 'the parent actor has let go of it')))
    if (!subscriber.closed) subscriber.next(started(actor))
  })
}
