import { Observable } from 'rxjs'
import { MuxEnds } from '../adapters/mux/mux-ends.js'
import type { Clock } from '../streams/clock.js'
import { ServiceError } from '../streams/errors.js'
import type { Link } from '../streams/transport.js'
import { defaultMuxLimits } from '../wire/mux.js'
import { WebSocketPipe, closedWith, type Closed, type WebSocketLike } from './web-socket-pipe.js'

/** How links are dialled from a page. */
export interface DialOptions {
  readonly clock: Clock
  readonly dialTimeoutMs: number
  readonly webSocket: (url: string, protocol: string) => WebSocketLike
}

/** The subprotocol of the fast lane in binary messages (docs/fast-lane.md section 12). */
const subprotocol = 'headrace-mux-1'

/** How long a connection stays that was ended here but not by the service, in milliseconds. */
const lingerMs = 2_000

/**
 * What dials. Each dial waits `waitMs`, opens a WebSocket and agrees on the fast lane. Cold. Emits the link and completes; errors `unavailable`,
 * `timeout`. Unsubscribing before the link closes the WebSocket.
 */
export function dialler(
  options: DialOptions,
  fault: (error: ServiceError) => void,
): (url: string, waitMs: number) => Observable<Link> {
  const { clock, dialTimeoutMs } = options
  const muxEnds = new MuxEnds({ limits: defaultMuxLimits, clock, dialTimeoutMs, lingerMs, fault })
  return (url, waitMs) =>
    new Observable(subscriber => {
      const link = open(url, options, pipe => muxEnds.link(pipe, url))
      subscriber.add(clock.scheduler.schedule(() => void link.subscribe(subscriber), waitMs))
    })
}

/** What `over` makes of the WebSocket when it is open. */
function open(
  url: string,
  { clock, dialTimeoutMs, webSocket: make }: DialOptions,
  over: (pipe: WebSocketPipe) => Observable<Link>,
): Observable<Link> {
  return new Observable(subscriber => {
    const webSocket = make(url, subprotocol)
    webSocket.binaryType = 'arraybuffer'
    const late = () =>
      subscriber.error(new ServiceError('timeout', `dial ${url}: no connection within ${dialTimeoutMs} ms`))
    const limit = clock.scheduler.schedule(late, dialTimeoutMs)
    let opened = false
    webSocket.onopen = () => {
      if (subscriber.closed) return
      opened = true
      limit.unsubscribe()
      over(new WebSocketPipe(webSocket, url, clock)).subscribe(subscriber)
    }
    webSocket.onclose = ({ code, reason }: Closed) => subscriber.error(closedWith(url, code, reason))
    webSocket.onerror = () => undefined // it is closed after it, and that says as much
    return () => {
      limit.unsubscribe()
      if (!opened) webSocket.close(1000)
    }
  })
}
