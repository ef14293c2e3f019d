import type { Socket } from 'node:net'
import { nextTick } from '../../next-tick.js'
import type { RawData, WebSocket } from 'ws'
import { ServiceError } from '../../../streams/index.js'
import type { Pipe, PipeEvents } from '../../mux/pipe.js'

/** Codes of RFC 6455 section 7.4.1. */
const closeCode = { normal: 1000, wrongType: 1003 }

/** An open WebSocket as a {@link Pipe}: its binary messages one after another are the bytes. `socket` is what it is on. */
export class WebSocketPipe implements Pipe {
  constructor(
    private readonly webSocket: WebSocket,
    private readonly socket: Socket,
    private readonly peer: string,
  ) {}

  open(events: PipeEvents): void {
    const { webSocket, socket, peer } = this
    webSocket.pause()
    webSocket.on('message', (data: RawData, isBinary) => {
      if (isBinary) return events.data(data as Buffer)
      events.misused(violation(peer, 'a text message: the fast lane is in binary ones'))
      webSocket.close(closeCode.wrongType, 'the fast lane is in binary messages')
    })
    webSocket.on('error', error => events.misused(violation(peer, error.message)))
    webSocket.on('close', (code, reason) => {
      if (code !== closeCode.normal) events.failed(closedWith(peer, code, reason.toString()))
      events.closed()
    })
    socket.on('drain', () => events.drained())
  }

  start(): void {
    this.webSocket.resume()
  }

  write(pieces: readonly Uint8Array[]): boolean {
    const { webSocket, socket } = this
    if (webSocket.readyState !== webSocket.OPEN) return true
    socket.cork()
    for (const piece of pieces) webSocket.send(piece)
    socket.uncork()
    return !socket.writableNeedDrain
  }

  get waitingBytes(): number {
    return this.webSocket.bufferedAmount
  }

  end(): void {
    this.webSocket.close(closeCode.normal)
  }

  destroy(): void {
    this.webSocket.terminate()
  }

  atEndOfTurn(task: () => void): void {
    nextTick(task)
  }
}

function violation(peer: string, what: string): ServiceError {
  return new ServiceError('bad_request', `WebSocket of ${peer}: ${what}`)
}

function closedWith(peer: string, code: number, reason: string): ServiceError {
  const why = reason === '' ? '' : `: ${reason}`
  return new ServiceError('unavailable', `${peer} closed the WebSocket with ${code}${why}`)
}
