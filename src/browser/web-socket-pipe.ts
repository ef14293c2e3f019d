import type { Subscription } from 'rxjs'
import type { Pipe, PipeEvents } from '../adapters/mux/pipe.js'
import type { Clock } from '../streams/clock.js'
import { ServiceError } from '../streams/errors.js'

/** What is used of a browser's WebSocket. */
export interface WebSocketLike {
  binaryType: string
  readonly readyState: number
  readonly bufferedAmount: number
  onopen: ((event: never) => void) | null
  onmessage: ((event: never) => void) | null
  onclose: ((event: never) => void) | null
  onerror: ((event: never) => void) | null
  send(data: Uint8Array): void
  close(code?: number, reason?: string): void
}

/** What a browser tells when a WebSocket is closed. */
export interface Closed {
  readonly code: number
  readonly reason: string
}

/** More than this waits in the browser: nothing is written until it has left. */
const fullBytes = 256 * 1024

/** How often it is looked at then, in milliseconds: a WebSocket does not tell. */
const lookMs = 10

const open = 1

/** A browser's WebSocket, which is open, as a {@link Pipe}. */
export class WebSocketPipe implements Pipe {
  private events: PipeEvents | undefined
  private looking: Subscription | undefined

  constructor(
    private readonly webSocket: WebSocketLike,
    private readonly url: string,
    private readonly clock: Clock,
  ) {}

  open(events: PipeEvents): void {
    const { webSocket, url } = this
    this.events = events
    webSocket.onmessage = ({ data }: { readonly data: unknown }) => {
      if (data instanceof ArrayBuffer) return events.data(new Uint8Array(data))
      events.misused(new ServiceError('bad_request', `${url} sent a text: the fast lane is binary`))
      this.destroy()
    }
    webSocket.onclose = ({ code, reason }: Closed) => {
      this.looking?.unsubscribe()
      if (code !== 1000) events.failed(closedWith(url, code, reason))
      events.closed()
    }
  }

  start(): void {
    // A browser hands messages over in turns of their own: none is missed.
  }

  write(pieces: readonly Uint8Array[]): boolean {
    const { webSocket } = this
    if (webSocket.readyState !== open) return true
    webSocket.send(joined(pieces)) // a copy is made: what is written to the memory later does not count
    if (webSocket.bufferedAmount <= fullBytes) return true
    this.looking ??= this.look()
    return false
  }

  end(): void {
    this.webSocket.close(1000)
  }

  destroy(): void {
    this.webSocket.close(1000)
  }

  get waitingBytes(): number {
    return this.webSocket.bufferedAmount
  }

  atEndOfTurn(task: () => void): void {
    queueMicrotask(task)
  }

  private look(): Subscription {
    return this.clock.scheduler.schedule(() => {
      this.looking = undefined
      if (this.webSocket.bufferedAmount > fullBytes / 2) this.looking = this.look()
      else this.events?.drained()
    }, lookMs)
  }
}

/** What is known of a WebSocket that the other side closed, or that broke: a browser tells no more. */
export function closedWith(url: string, code: number, reason: string): ServiceError {
  const why = reason === '' ? '' : `: ${reason}`
  return new ServiceError('unavailable', `${url} closed the WebSocket with ${code}${why}`)
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const [first] = pieces
  if (pieces.length === 1 && first !== undefined) return first
  const all = new Uint8Array(pieces.reduce((bytes, { length }) => bytes + length, 0))
  let at = 0
  for (const piece of pieces) {
    all.set(piece, at)
    at += piece.length
  }
  return all
}
