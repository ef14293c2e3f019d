import {
  EMPTY,
  type Observable,
  catchError,
  concat,
  defer,
  filter,
  ignoreElements,
  map,
  of,
  take,
  tap,
  throwError,
  timer,
} from 'rxjs'
import type { Clock } from '../streams/clock.js'
import type { Formats } from '../streams/codec.js'
import { ServiceError } from '../streams/errors.js'
import { sharedStatsOf, type SharedStats } from '../streams/shared-stats.js'
import type { ListenEvent, Transport } from '../streams/transport.js'
import { spawn } from './actor.js'
import type { ActorEvent } from './actor-event.js'
import type { Behavior, Step } from './behavior.js'
import type { Deadlines } from './deadlines.js'
import { serve, serveConnection, type Clients, type Counters, type PageServing } from './server/serving.js'
import type { DeliverEvent } from './session/event-call.js'
import type { Health } from './session/probe.js'
import type { EndpointTable, Session } from './session.js'

/** What a server needs. */
export interface ServerOptions {
  readonly service: string
  readonly transport: Transport
  /** Where to listen: `host:port`, port 0 for a free one, `host:5000-6000` for the first free one of a range. */
  readonly address: string
  readonly endpoints: EndpointTable
  readonly formats: Formats
  readonly clock: Clock
  readonly deadlines: Deadlines
  /** What web pages are served with: calls and streams. @default as everybody else */
  readonly pages?: PageServing
  /** Takes events that are sent to the port of the service. @default they are refused */
  readonly deliver?: DeliverEvent
  /** What a probe is told. @default 'ok' */
  readonly health?: () => Health
  /** Hears what the actor reports of itself. */
  readonly report: (event: ActorEvent) => void
  /** The server has ended although nobody closed it. */
  readonly onFailure: (error: ServiceError) => void
}

/** Numbers of a server since it started. */
export interface ServerStats {
  readonly connections: number
  readonly inFlight: number
  readonly served: number
  readonly failed: number
  /** Requests that wait for the call before them on their connection; at most the transport's window on each. */
  readonly waitingRequests: number
  /** Answers that wait until their peer takes more; at most 256 and the end of a stream on each connection. */
  readonly waitingAnswers: number
  /** Those of the connections that carry many calls and channels at once. */
  readonly shared: readonly SharedStats[]
}

/** A running server: listens, and serves each channel with a session. */
export interface Server {
  /**
   * Emits the bound `host:port` and completes. Replays. Errors what listening failed with. Unsubscribing changes nothing.
   */
  readonly listening: Observable<string>
  /** A snapshot of the numbers. */
  stats(): ServerStats
  /**
   * Stops accepting, tells every peer to start nothing more on its connection, serves what is under way and what still comes, and ends
   * connections as they finish or after `silenceMs` without a message. Cold. Completes when the last connection is gone, also when the server was aborted. Unsubscribing stops waiting.
   */
  drain(silenceMs: number): Observable<never>
  /** Ends what is left and frees everything. All calls share one promise. */
  close(): Promise<void>
  /** Ends every connection now and stops listening. */
  abort(error: ServiceError): void
}

type Phase = 'starting' | 'serving' | 'draining'

interface ServerState {
  readonly phase: Phase
  readonly address: string | undefined
  readonly failure: ServiceError | undefined
  readonly connections: number
  readonly accepted: number
}

type ServerMessage =
  | { readonly kind: 'heard'; readonly event: ListenEvent }
  | { readonly kind: 'refused'; readonly error: ServiceError }
  | { readonly kind: 'gone' }
  | { readonly kind: 'drain'; readonly silenceMs: number }

/** Starts a server. Its listener and each of its connections are effects of one actor: closing the actor ends them all. */
export function createServer(options: ServerOptions): Server {
  const clients: Clients = { sessions: new Set(), connections: new Set(), streams: 0 }
  const { sessions, connections } = clients
  const counters = { inFlight: 0, served: 0, failed: 0 }
  const actor = spawn(serverBehavior(options, clients, counters), {
    name: 'server',
    clock: options.clock,
    report: options.report,
    onFailure: options.onFailure,
    // A listener that comes back at another port would not be the one that is registered.
    supervision: { decide: () => 'escalate' },
  })
  return {
    listening: actor.state.pipe(
      filter(({ address, failure }) => address !== undefined || failure !== undefined),
      take(1),
      map(({ address, failure }) => {
        if (failure !== undefined) throw failure
        return address ?? ''
      }),
    ),
    stats: () => ({
      connections: connections.size + sessions.size - clients.streams,
      ...counters,
      ...waitsOf(sessions),
      shared: sharedStatsOf(connections),
    }),
    drain: silenceMs =>
      defer(() => {
        actor.tell({ kind: 'drain', silenceMs })
        return actor.state
      }).pipe(
        filter(({ phase, connections }) => phase === 'draining' && connections === 0),
        take(1),
        ignoreElements(),
        catchError(() => EMPTY), // it was aborted, and who did that has said why
      ),
    close: () => actor.close(),
    abort: error => {
      for (const session of [...sessions]) session.abort(error)
      for (const connection of [...connections]) connection.abort(error)
      actor.abort(error)
    },
  }
}

function waitsOf(sessions: ReadonlySet<Session>): Pick<ServerStats, 'waitingRequests' | 'waitingAnswers'> {
  let [waitingRequests, waitingAnswers] = [0, 0]
  for (const { waits } of sessions) {
    waitingRequests += waits.requests
    waitingAnswers += waits.answers
  }
  return { waitingRequests, waitingAnswers }
}

function serverBehavior(
  options: ServerOptions,
  clients: Clients,
  counters: Counters,
): Behavior<ServerState, ServerMessage> {
  return {
    start: () => ({
      state: { phase: 'starting', address: undefined, failure: undefined, connections: 0, accepted: 0 },
      run: [{ key: 'listen', messages: listen(options) }],
    }),
    receive(state, message) {
      switch (message.kind) {
        case 'heard':
          return heard(state, message.event, options, clients, counters)
        case 'refused':
          // Who starts it hears of it through the state; later nobody listens to that.
          if (state.phase === 'serving') throw message.error
          return { state: { ...state, failure: message.error } }
        case 'gone':
          return { state: { ...state, connections: state.connections - 1 } }
        case 'drain':
          return {
            state: { ...state, phase: 'draining' },
            cancel: ['listen'],
            run: [{ key: 'drain', messages: drainClients(clients, message.silenceMs, options.clock) }],
          }
      }
    },
  }
}

function listen({ transport, address }: ServerOptions): Observable<ServerMessage> {
  const ended = () => new ServiceError('unavailable', `the listener at ${address} has ended`)
  return concat(
    defer(() => transport.listen(address)),
    throwError(ended),
  ).pipe(
    map(event => ({ kind: 'heard' as const, event })),
    catchError((error: unknown) => of({ kind: 'refused' as const, error: ServiceError.from(error) })),
  )
}

function heard(
  state: ServerState,
  event: ListenEvent,
  options: ServerOptions,
  clients: Clients,
  counters: Counters,
): Step<ServerState, ServerMessage> {
  switch (event.kind) {
    case 'listening':
      return { state: { ...state, phase: 'serving', address: event.address } }
    case 'channel':
      return accept(state, serve(event, options, clients, counters))
    case 'connection':
      return accept(state, serveConnection(event.connection, options, clients, counters))
  }
}

function accept(state: ServerState, session: Observable<ServerMessage>): Step<ServerState, ServerMessage> {
  return {
    state: { ...state, connections: state.connections + 1, accepted: state.accepted + 1 },
    run: [{ key: `session ${state.accepted}`, messages: session }],
  }
}

/** Tells all clients to finish, and looks again and again for those that have become silent. */
function drainClients(
  { sessions, connections }: Clients,
  silenceMs: number,
  clock: Clock,
): Observable<never> {
  return defer(() => {
    for (const session of sessions) session.drain()
    for (const connection of [...connections]) connection.retire()
    return timer(0, Math.max(10, silenceMs / 4), clock.scheduler)
  }).pipe(
    tap(() => sessions.forEach(session => session.endIfSilent(silenceMs))),
    ignoreElements(),
  )
}
