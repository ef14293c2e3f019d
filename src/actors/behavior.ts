import type { Observable, Observer } from 'rxjs'
import type { ServiceError } from '../streams/errors.js'

/** What an actor is: pure, synchronous functions from state and message to the next step. */
export interface Behavior<S, M> {
  /** The first step, at the beginning and after every restart. */
  start(): Step<S, M>
  /** One turn. Throwing is a failure of the actor; an expected failure is a message. */
  receive(state: S, message: M): Step<S, M>
  /** What is still to be done when the actor is closed. Subscribed once, after all effects have ended; `close` waits for its completion. */
  stop?(state: S): Observable<never>
}

/** What a turn decides. Done in the order of the fields: commit, cancel, reply, run. */
export interface Step<S, M> {
  readonly state: S
  /** Keys of effects to unsubscribe. Nothing more comes from them, not even what they have already sent. */
  readonly cancel?: readonly string[]
  /** Answers to asks, such as `() => answer.next(value)`. */
  readonly reply?: readonly (() => void)[]
  /** Effects to subscribe to. */
  readonly run?: readonly Effect<M>[]
}

/** Something to be done outside of the turn. What it emits comes back as messages; an error is a failure of the actor. */
export interface Effect<M> {
  /** An effect replaces the running one of the same key, as `switchMap` does. Without a key it runs until it ends or the actor does. */
  readonly key?: string
  readonly messages: Observable<M>
}

/** A running actor: it owns its state and takes one message at a time. */
export interface Actor<S, M> {
  /**
   * Hot; replays the latest state at once and then emits each changed one. Completes when the actor is closed, errors when it was aborted, stopped or
   * escalated; a restart shows as a new state. Unsubscribing stops nothing. A slow consumer is a slow actor: emissions are synchronous.
   */
  readonly state: Observable<S>

  /** Sends a message. False when the mailbox is full or the actor has ended: the message is then dropped and reported. */
  tell(message: M): boolean

  /**
   * Sends a message that wants an answer, given through the observer. Cold: each subscription sends one. Emits what the actor answers. Errors
   * `resource_exhausted` when the mailbox is full, `unavailable` when the actor fails or ends while the answer is owed. Unsubscribing takes a message that still waits
   * out of the mailbox; of one that was handled, the actor hears through the message that `onUnsubscribe` makes. A slow consumer is a slow actor.
   */
  ask<R>(make: (answer: Observer<R>) => M, onUnsubscribe?: (answer: Observer<R>) => M): Observable<R>

  /** Takes no more messages, ends the effects, runs `stop(state)` and waits for it. May be called at any time and more than once: all calls share one promise, which never rejects. */
  close(): Promise<void>

  /** Ends now: effects are unsubscribed, `stop` is not run, and who waits for an answer gets `error`. */
  abort(error: ServiceError): void
}
