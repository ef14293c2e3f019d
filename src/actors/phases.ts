import { BehaviorSubject, type Observable } from 'rxjs'
import type { Actor } from './behavior.js'

/**
 * The phase that is part of an actor's state, and `closed` when the actor has ended. Hot; replays the latest at once, emits only
 * changes, completes after `closed`, never errors.
 */
export function phasesOf<P extends string, M>(
  actor: Actor<{ readonly phase: P }, M>,
  first: P,
): Observable<P | 'closed'> {
  const phases = new BehaviorSubject<P | 'closed'>(first)
  const end = () => {
    phases.next('closed')
    phases.complete()
  }
  actor.state.subscribe({
    next: ({ phase }) => {
      if (phase !== phases.value) phases.next(phase)
    },
    error: end,
    complete: end,
  })
  return phases.asObservable()
}
