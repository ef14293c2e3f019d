import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { Observable } from 'rxjs'
import type { WebSocket, WebSocketServer } from 'ws'
import type { HttpRequest } from '../../../wire/http1.js'
import type { Pipe } from '../../mux/pipe.js'
import { WebSocketPipe } from './web-socket-pipe.js'

/** What a request for a WebSocket asks to change to. */
export const webSocketToken = 'websocket'

/** The subprotocol: the fast lane in binary messages (docs/fast-lane.md section 12). */
export const subprotocol = 'headrace-mux-1'

/** The largest message of a WebSocket. A frame of the fast lane is smaller, and how frames are put into messages means nothing. */
const maxMessageBytes = 1024 * 1024

/** Compression is off: it costs memory for each connection, and what is secret beside what a stranger chose could be told by its length. */
const limits = { perMessageDeflate: false, maxPayload: maxMessageBytes }

/** What became of a request for a WebSocket. */
export type WebSocketAnswer = { readonly pipe: Pipe } | { readonly refused: string }

/** WebSockets over connections that are there already, at both ends. */
export class WebSockets {
  private constructor(
    private readonly client: typeof WebSocket,
    private readonly server: WebSocketServer,
  ) {}

  /** Loads the library: a process without WebSockets does without. */
  static async load(): Promise<WebSockets> {
    const { WebSocket, WebSocketServer } = await import('ws')
    const handleProtocols = () => subprotocol
    const server = new WebSocketServer({ ...limits, noServer: true, clientTracking: false, handleProtocols })
    return new WebSockets(WebSocket, server)
  }

  /**
   * Answers a request for a WebSocket: `opened` is called with the pipe, before this returns, or the peer was told what is wrong with its request
   * and the socket is closed.
   */
  accept(
    socket: Socket,
    peer: string,
    request: HttpRequest,
    rest: Uint8Array,
    opened: (pipe: Pipe) => void,
  ): void {
    const headers = Object.entries({ ...request.headers, Upgrade: request.upgrade })
    const asked = {
      method: request.method,
      url: request.target,
      headers: Object.fromEntries(headers.map(([name, value]) => [name.toLowerCase(), value])),
    }
    // The library reads nothing else of a request.
    this.server.handleUpgrade(asked as unknown as IncomingMessage, socket, Buffer.from(rest), webSocket =>
      opened(new WebSocketPipe(webSocket, socket, peer)),
    )
  }

  /**
   * Asks the peer of a new connection for a WebSocket. Cold. Emits the answer and completes; after a refusal the connection is of no use.
   * Never errors. Unsubscribing before the value destroys the socket.
   */
  dial(
    socket: Socket,
    address: string,
    options: { readonly userAgent: string; readonly dialTimeoutMs: number },
  ): Observable<WebSocketAnswer> {
    const { userAgent, dialTimeoutMs } = options
    return new Observable(subscriber => {
      const webSocket = new this.client(`ws://${address}/`, subprotocol, {
        ...limits,
        createConnection: () => socket, // TLS included: it is ready
        handshakeTimeout: dialTimeoutMs,
        headers: { 'User-Agent': userAgent },
      })
      let settled = false
      const settle = (answer: WebSocketAnswer) => {
        if (settled) return
        settled = true
        if ('refused' in answer) socket.destroy()
        subscriber.next(answer)
        subscriber.complete()
      }
      webSocket.once('open', () => settle({ pipe: new WebSocketPipe(webSocket, socket, address) }))
      webSocket.once('unexpected-response', (request, response) => {
        settle({ refused: `HTTP/1.1 ${response.statusCode ?? 0} ${response.statusMessage ?? ''}`.trim() })
        request.destroy()
      })
      webSocket.on('error', error => settle({ refused: error.message }))
      return () => {
        if (settled) return
        settled = true
        webSocket.terminate()
        socket.destroy()
      }
    })
  }
}
