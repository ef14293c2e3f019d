import { Observable, defer } from 'rxjs'
import type { Client } from '../actors/client.js'
import type { CallTarget } from '../actors/client/call-plan.js'
import type { CallOptions } from '../streams/client.js'
import type { Delivery } from '../streams/delivery.js'
import { ServiceError } from '../streams/errors.js'
import type { Source } from '../streams/exchange.js'
import { createFlow, createReply, deliveriesOf, runReply, type Flow, type Reply } from '../streams/flow.js'
import type { Cancel } from '../streams/transport.js'
import { subscribedEarly } from './subscribed-early.js'

/** Where a client comes from: there already, or being loaded by the first call. */
export interface ClientSource {
  readonly ready: Client | undefined
  /** Gives the client: at once if it is there. One of the two is called, once. */
  withClient(loaded: (client: Client) => void, failed: (failure: unknown) => void): void
}

/** A client whose first call loads what it needs. */
export class LazyClient implements Client {
  constructor(private readonly source: ClientSource) {}

  unary<O>(target: CallTarget, request: unknown, options: CallOptions = {}): Reply<O> {
    const { ready } = this.source
    if (ready !== undefined) return ready.unary(target, request, options)
    // Thousands may be started before the first one is sent: each holds no more than it must.
    return createReply(observer => {
      let open = true
      let cancel: Cancel | undefined
      this.source.withClient(
        client => {
          if (open) cancel = runReply(client.unary<O>(target, request, options), observer)
        },
        failure => {
          if (open) observer.fail(failure)
        },
      )
      return () => {
        open = false
        cancel?.()
      }
    })
  }

  collect<O>(target: CallTarget, requests: Source<unknown>, options: CallOptions = {}): Reply<O> {
    const { ready } = this.source
    if (ready !== undefined) return ready.collect(target, requests, options)
    return createReply(observer => {
      const answers: Open<Observable<O>> = (client, source) => client.collect<O>(target, source, options)
      const subscription = this.whenLoaded(answers, requests).subscribe({
        next: value => observer.answer(value),
        error: error => observer.fail(error),
      })
      return () => subscription.unsubscribe()
    })
  }

  stream<O>(target: CallTarget, requests: Source<unknown>, options: CallOptions = {}): Flow<O> {
    const { ready } = this.source
    if (ready !== undefined) return ready.stream(target, requests, options)
    const deliveries: Open<Observable<Delivery<O>>> = (client, source) => {
      const found = deliveriesOf<O>(client.stream<O>(target, source, options))
      if (found === undefined) throw new ServiceError('internal', 'a client gave a stream that is no Flow')
      return found
    }
    return createFlow(this.whenLoaded(deliveries, requests))
  }

  /** Requests that are pushed while it is being loaded are kept. */
  private whenLoaded<T>(open: Open<Observable<T>>, requests: Source<unknown>): Observable<T> {
    return new Observable(subscriber => {
      const early = subscribedEarly(requests)
      subscriber.add(() => early.stop())
      this.source.withClient(
        client => {
          if (!subscriber.closed) defer(() => open(client, early.source)).subscribe(subscriber)
        },
        failure => subscriber.error(failure),
      )
    })
  }
}

type Open<T> = (client: Client, requests: Source<unknown>) => T
