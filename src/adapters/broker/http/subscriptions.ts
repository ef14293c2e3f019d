import { randomUUID } from 'node:crypto'
import { Observable, ReplaySubject, share, switchMap, tap } from 'rxjs'
import {
  ServiceError,
  type ServiceRecord,
  type SharedStats,
  type SubscriptionEvent,
} from '../../../streams/index.js'
import { subscribeFor } from '../../../streams/linked.js'
import type { EventSource } from '../../event-source.js'
import { advertisedAddress } from '../../node-address.js'
import { fastLaneOffer } from '../../fast-lane.js'
import { MuxEnds } from '../../mux/mux-ends.js'
import { Inbox } from './inbox.js'
import { listen, type Listener } from './listener.js'
import type { ResolvedBrokerOptions } from './options.js'
import { Receiver } from './receiver.js'
import { Receivers } from './receivers.js'
import { deregister, keepRegistered, type RegistrationOptions } from './registration.js'
import { SharedInbox } from './shared-inbox.js'
import { receivingLimits, sharedTimes } from './shared-limits.js'
import { recordsOf, subscriptionIds, type Subscriber } from './subscribers.js'

/** The subscribing half of the broker: one listener for all subscriptions, open while there are any. */
export class Subscriptions {
  private readonly receivers: Receivers
  private readonly inbox: Inbox
  private readonly shared: SharedInbox
  private readonly listener: Observable<Listener>
  /** What still has to be said to the registry and to connections after an unsubscribe. */
  private readonly leaving = new Set<Promise<void>>()

  constructor(
    private readonly options: ResolvedBrokerOptions,
    private readonly told: EventSource,
  ) {
    const fault = told.fault.bind(told)
    const limits = receivingLimits(options)
    const ends = new MuxEnds({ clock: options.clock, limits, fault, ...sharedTimes })
    const { maxPendingBytes } = options
    this.receivers = new Receivers(maxPendingBytes)
    const { receivers } = this
    this.inbox = new Inbox({ ...options, receivers, fault })
    this.shared = new SharedInbox({
      receivers,
      ends,
      streamBytes: limits.streamBytes,
      maxPendingBytes,
      fault,
    })
    this.listener = this.bind().pipe(share({ connector: () => new ReplaySubject(1) }))
  }

  /** As {@link Broker.subscribe} says. */
  open(topic: string, queue: string | undefined): Observable<SubscriptionEvent> {
    // Not `mergeMap`: every delivery would go through it, and with eight subscribers it took a tenth of the time.
    return new Observable(subscriber =>
      subscribeFor(subscriber, this.listener, {
        next: ({ address }) => void this.serve(topic, queue, address).subscribe(subscriber),
        error: error => subscriber.error(error),
        complete: () => undefined,
      }),
    )
  }

  /** The numbers of each connection of the fast lane. */
  stats(): readonly SharedStats[] {
    return this.shared.stats()
  }

  /** Resolves when everything that was unsubscribed has left the registry and the listener is closed. */
  async left(): Promise<void> {
    while (this.leaving.size > 0) await Promise.all(this.leaving)
  }

  private bind(): Observable<Listener> {
    const { shared } = this
    const closed = new ServiceError('unavailable', 'http broker: its last subscription has ended')
    const handlers = {
      ...(this.options.fastLane
        ? {
            shared: {
              takeOver: shared.accept.bind(shared),
              retire: shared.retire.bind(shared),
              abort: () => shared.abort(closed),
            },
          }
        : {}),
      request: this.inbox.handle.bind(this.inbox),
      accept: this.inbox.accept.bind(this.inbox),
      holds: this.inbox.holds.bind(this.inbox),
      fault: this.told.fault.bind(this.told),
    }
    return new Observable(subscriber => {
      let bound: Listener | undefined
      const binding = listen(this.options, handlers).subscribe({
        next: listener => {
          bound = listener
          this.told.listening(listener.address)
          subscriber.next(listener)
        },
        error: (error: unknown) => subscriber.error(error),
      })
      return () => {
        binding.unsubscribe()
        if (bound !== undefined) this.leave(bound.close())
      }
    })
  }

  private serve(topic: string, queue: string | undefined, bound: string): Observable<SubscriptionEvent> {
    return new Observable(subscriber => {
      const ids = subscriptionIds(this.options.id, topic, randomUUID())
      const fault = this.told.fault.bind(this.told)
      const { own, twin } = recordsOf({ topic, queue, ids, ...this.reachedAt(bound) })
      /** Those that the registry may have. */
      const held = new Set<RegistrationOptions>()
      const keep = (record: ServiceRecord) => {
        const registration = { ...this.options, record, fault }
        held.add(registration)
        return keepRegistered(registration).pipe(tap({ error: () => held.delete(registration) }))
      }
      const deliver: Receiver['options']['deliver'] = delivery =>
        subscriber.next({ kind: 'delivery', delivery })
      const receiver = new Receiver({ topic, window: this.options.window, deliver, failed: fault })
      for (const id of [ids.own, ids.twin]) this.receivers.add(id, receiver)
      const listening = this.listener.subscribe() // until publishers can know that the subscription is gone
      const registering = keep(own)
        .pipe(switchMap(() => keep(twin)))
        .subscribe({
          next: () => {
            subscriber.next({ kind: 'subscribed' })
            receiver.start()
          },
          error: (error: unknown) => subscriber.error(error),
        })
      return () => {
        registering.unsubscribe()
        for (const id of [ids.own, ids.twin]) this.receivers.remove(id)
        this.leave(Promise.all([...held].map(deregister)).then(() => listening.unsubscribe()))
      }
    })
  }

  private reachedAt(bound: string): Pick<Subscriber, 'address' | 'metadata'> {
    const { advertise, interfaces, tls, fastLane } = this.options
    const { address, reason } = advertisedAddress({
      bound,
      interfaces,
      ...(advertise === undefined ? {} : { advertise }),
    })
    if (address !== bound) this.told.notice(reason)
    return {
      address,
      metadata: { secure: String(tls !== undefined), ...(fastLane ? { headrace: fastLaneOffer } : {}) },
    }
  }

  private leave(done: Promise<void>): void {
    const settled = done.finally(() => this.leaving.delete(settled))
    this.leaving.add(settled)
  }
}
