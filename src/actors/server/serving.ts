import { Observable, concat, defer, finalize, of } from 'rxjs'
import { ServiceError } from '../../streams/errors.js'
import type { Formats } from '../../streams/codec.js'
import type { Channel, SharedConnection } from '../../streams/transport.js'
import type { EndpointTable } from '../session/endpoint-table.js'
import { serveDirect } from '../session/direct-call.js'
import { Session, type SessionOptions } from '../session.js'

/** What web pages are served with. */
export interface PageServing {
  readonly formats: Formats
  readonly calls: EndpointTable
  readonly streams: EndpointTable
}

/** What calls are served with. */
export type ServingOptions = Omit<SessionOptions, 'onCall' | 'onClosed'> & { readonly pages?: PageServing }

/** A channel or a connection is gone. */
export interface Gone {
  readonly kind: 'gone'
}

/** Who is served: a session for each channel, and the connections that carry many. */
export interface Clients {
  readonly sessions: Set<Session>
  readonly connections: Set<SharedConnection>
  /** How many of the sessions are on one of those connections. */
  streams: number
}

/** The calls that are served and were. */
export interface Counters {
  inFlight: number
  served: number
  failed: number
}

/** One accepted channel as an effect: subscribing serves it, unsubscribing aborts it. */
export function serve(
  { channel, connection }: { readonly channel: Channel; readonly connection?: SharedConnection },
  serving: ServingOptions,
  clients: Clients,
  counters: Counters,
): Observable<Gone> {
  const { sessions } = clients
  const options = servedTo(connection, serving, 'streams')
  const shared = connection === undefined ? 0 : 1
  return new Observable(subscriber => {
    let over = false
    let forget = () => undefined as void
    const session = new Session(channel, {
      ...options,
      onCall: (change, failure) => count(counters, change, failure),
      onClosed: () => {
        over = true
        forget()
        subscriber.next({ kind: 'gone' })
        subscriber.complete()
      },
    })
    forget = () => {
      if (sessions.delete(session)) clients.streams -= shared
    }
    if (!over) {
      sessions.add(session)
      clients.streams += shared
    }
    return () => {
      forget()
      if (!over)
        session.abort(new ServiceError('unavailable', 'the server has been closed', { id: options.service }))
    }
  })
}

/** One connection that carries many calls, as an effect: subscribing serves its calls, unsubscribing aborts it. */
export function serveConnection(
  connection: SharedConnection,
  { service, ...rest }: ServingOptions,
  { connections }: Clients,
  counters: Counters,
): Observable<Gone> {
  const onCall = (change: 'began' | 'ended', failure?: ServiceError) => count(counters, change, failure)
  const options = { ...servedTo(connection, { service, ...rest }, 'calls'), onCall }
  return concat(
    defer(() => {
      connections.add(connection)
      connection.serveCalls(call => serveDirect(call, options))
      return connection.closed
    }),
    of<Gone>({ kind: 'gone' }),
  ).pipe(
    finalize(() => {
      connections.delete(connection)
      connection.abort(new ServiceError('unavailable', 'the server has been closed', { id: service }))
    }),
  )
}

/** A web page gets what is for pages, everybody else what is served. */
function servedTo(
  connection: SharedConnection | undefined,
  serving: ServingOptions,
  kind: 'calls' | 'streams',
): ServingOptions {
  const { pages } = serving
  if (connection?.origin === undefined || pages === undefined) return serving
  return { ...serving, deliver: undefined, formats: pages.formats, endpoints: pages[kind] }
}

function count(counters: Counters, change: 'began' | 'ended', failure: ServiceError | undefined): void {
  counters.inFlight += change === 'began' ? 1 : -1
  if (change === 'began') return
  counters.served += 1
  if (failure !== undefined) counters.failed += 1
}
