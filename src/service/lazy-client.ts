import { defer, finalize, from, switchMap, type Observable } from 'rxjs'
import type { Client } from '../actors/client.js'
import type { CallTarget } from '../actors/client/call-plan.js'
import type { CallOptions } from '../streams/client.js'
import type { Delivery } from '../streams/delivery.js'
import { ServiceError } from '../streams/errors.js'
import type { Source } from '../streams/exchange.js'
import { createFlow, createReply, deliveriesOf, type Flow, type Reply } from '../streams/flow.js'
import { subscribedEarly } from './subscribed-early.js'

/** Where a client comes from: there already, or being loaded by the first call. */
export interface ClientSource {
  readonly ready: Client | undefined
  load(): Promise<Client>
}

/** A client whose first call loads what it needs. */
export class LazyClient implements Client {
  constructor(private readonly source: ClientSource) {}

  unary<O>(target: CallTarget, request: unknown, options: CallOptions = {}): Reply<O> {
    const { ready } = this.source
    if (ready !== undefined) return ready.unary(target, request, options)
    return this.reply(client => client.unary<O>(target, request, options), none)
  }

  collect<O>(target: CallTarget, requests: Source<unknown>, options: CallOptions = {}): Reply<O> {
    const { ready } = this.source
    if (ready !== undefined) return ready.collect(target, requests, options)
    return this.reply((client, source) => client.collect<O>(target, source, options), requests)
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

  private reply<O>(call: Open<Reply<O>>, requests: Source<unknown>): Reply<O> {
    return createReply(observer => {
      const subscription = this.whenLoaded(call, requests).subscribe({
        next: value => observer.answer(value),
        error: error => observer.fail(error),
      })
      return () => subscription.unsubscribe()
    })
  }

  /** Requests that are pushed while it is being loaded are kept. */
  private whenLoaded<T>(open: Open<Observable<T>>, requests: Source<unknown>): Observable<T> {
    return defer(() => {
      const early = subscribedEarly(requests)
      return from(this.source.load()).pipe(
        switchMap(client => open(client, early.source)),
        finalize(() => early.stop()),
      )
    })
  }
}

type Open<T> = (client: Client, requests: Source<unknown>) => T

const none: Source<unknown> = []
