import { Observable, type Subscriber } from 'rxjs'
import type { Cancel } from './transport.js'

/**
 * The answer of an operation: an Observable that can also be awaited.
 *
 * - *Temperature:* cold. Each subscription runs the operation anew; all awaits of one Reply share one run, which the first
 *   `then` starts. Neither subscribed nor awaited: nothing is sent.
 * - *First value:* the answer; then it completes. Errors with a {@link ServiceError}.
 * - *Unsubscribe:* cancels the operation. A promise cannot: give an awaited call `options.signal`.
 */
export interface Reply<T> extends Observable<T>, PromiseLike<T> {
  then<A = T, B = never>(
    onFulfilled?: ((value: T) => A | PromiseLike<A>) | null,
    onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B>
  catch<E = never>(onRejected?: ((reason: unknown) => E | PromiseLike<E>) | null): Promise<T | E>
  finally(onFinally?: (() => void) | null): Promise<T>
}

/** Where an operation puts its outcome; the first call counts. */
export interface ReplyObserver<T> {
  answer(value: T): void
  fail(error: unknown): void
}

class OperationReply<T> extends Observable<T> implements Reply<T> {
  private awaited: Promise<T> | undefined

  constructor(readonly start: (observer: ReplyObserver<T>) => Cancel) {
    super(subscribeReply)
  }

  // An awaited reply runs on the bare operation: no Subscriber, no firstValueFrom.
  private promise(): Promise<T> {
    this.awaited ??= new Promise<T>((answer, fail) => void this.start({ answer, fail }))
    return this.awaited
  }

  then<A = T, B = never>(
    onFulfilled?: ((value: T) => A | PromiseLike<A>) | null,
    onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return this.promise().then(onFulfilled, onRejected)
  }

  catch<E = never>(onRejected?: ((reason: unknown) => E | PromiseLike<E>) | null): Promise<T | E> {
    return this.promise().catch(onRejected)
  }

  finally(onFinally?: (() => void) | null): Promise<T> {
    return this.promise().finally(onFinally)
  }
}

/** One for all: a Reply that is awaited pays for no function of its own. */
function subscribeReply<T>(this: Observable<T>, subscriber: Subscriber<T>): Cancel {
  return (this as OperationReply<T>).start({
    answer: value => {
      subscriber.next(value)
      subscriber.complete()
    },
    fail: error => subscriber.error(error),
  })
}

/** A Reply that runs `start` for each subscription, and once for all awaits. What `start` returns cancels the run. */
export function createReply<T>(start: (observer: ReplyObserver<T>) => Cancel): Reply<T> {
  return new OperationReply(start)
}

/** Runs the operation of a Reply for this observer, without a Subscriber where {@link createReply} has made it. The returned function cancels the run. */
export function runReply<T>(reply: Reply<T>, observer: ReplyObserver<T>): Cancel {
  if (reply instanceof OperationReply) return (reply as OperationReply<T>).start(observer)
  const subscription = reply.subscribe({
    next: value => observer.answer(value),
    error: (error: unknown) => observer.fail(error),
  })
  return () => subscription.unsubscribe()
}
