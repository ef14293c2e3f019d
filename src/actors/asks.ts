import { Observable, type Observer } from 'rxjs'
import type { ServiceError } from '../streams/errors.js'

/** A message from outside; with an `asker` if somebody waits for the answer. */
export interface Letter<M> {
  readonly message: M
  readonly asker?: Asker
}

/** Somebody who waits for an answer. */
export interface Asker {
  /** They have the answer, or gave up waiting. */
  settled: boolean
  fail(error: ServiceError): void
}

/** The answers that one actor owes. */
export class Asks<M> {
  private readonly owed = new Set<Asker>()

  /** `send` puts a letter into the mailbox or says why not; `gaveUp` hears of each asker who left while the answer was owed. */
  constructor(
    private readonly send: (letter: Letter<M>) => ServiceError | undefined,
    private readonly gaveUp: (make: () => M) => void,
  ) {}

  /** Contract as for `Actor.ask`. */
  ask<R>(make: (answer: Observer<R>) => M, onUnsubscribe?: (answer: Observer<R>) => M): Observable<R> {
    return new Observable(subscriber => {
      const settle = () => {
        asker.settled = true
        return this.owed.delete(asker)
      }
      const answer: Observer<R> = {
        next: value => subscriber.next(value),
        error: (error: unknown) => (settle(), subscriber.error(error)),
        complete: () => (settle(), subscriber.complete()),
      }
      const asker: Asker = { settled: false, fail: answer.error }
      const refusal = this.send({ message: make(answer), asker })
      if (refusal !== undefined) answer.error(refusal)
      return () => {
        if (settle() && onUnsubscribe !== undefined) this.gaveUp(() => onUnsubscribe(answer))
      }
    })
  }

  /** From now on the actor owes the answer. False when nobody waits for it any more. */
  accept(asker: Asker): boolean {
    if (!asker.settled) this.owed.add(asker)
    return !asker.settled
  }

  /** Fails all that are owed. */
  failAll(error: ServiceError): void {
    for (const asker of [...this.owed]) asker.fail(error)
  }
}
