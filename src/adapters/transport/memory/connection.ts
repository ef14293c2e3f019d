import { EMPTY, catchError, type Observable } from 'rxjs'
import type { ServiceError, SharedConnection } from '../../../streams/index.js'
import type { MemoryChannel } from './channel.js'
import type { Serve } from './direct-calls.js'

/** The listening side of a link that carries many calls at once. Its control channel carries no messages: its end is the end of the connection. */
export class MemoryConnection implements SharedConnection {
  /** Who serves calls without a channel, once there is somebody. */
  serve: Serve | undefined
  readonly peer: string
  readonly closed: Observable<never>

  /** `retired` tells the client to start nothing more. */
  constructor(
    private readonly control: MemoryChannel,
    private readonly retired: () => void,
  ) {
    this.peer = control.peer
    this.closed = control.closed.pipe(catchError(() => EMPTY))
    control.incoming.subscribe({ error: () => undefined, complete: () => control.hangUp() })
  }

  serveCalls(serve: Serve): void {
    this.serve = serve
  }

  retire(): void {
    this.retired()
  }

  abort(error: ServiceError): void {
    this.control.abort(error)
  }
}
