import { EMPTY, Observable, ReplaySubject, catchError, merge, mergeMap, share } from 'rxjs'
import type { ServiceError } from '../../../streams/index.js'
import type { MulticastPath } from './multicast-path.js'
import type { MulticastSocket, Packet } from './socket.js'

/** What can be heard and said on all paths together. */
export interface Medium {
  /** Hot. What any of the sockets receives. */
  readonly packets: Observable<Packet>
  /** Sends to everybody on all paths. Cold; completes when the system has it. Errors `unavailable` when the first path fails. */
  multicast(bytes: Uint8Array): Observable<never>
}

/** The sockets of one kind on all paths, as one. The first path must work; others join when they are open, and may fail. */
class JoinedSockets implements Medium {
  private readonly sockets: MulticastSocket[] = []
  private readonly added = new ReplaySubject<MulticastSocket>(Infinity)
  readonly packets: Observable<Packet> = this.added.pipe(mergeMap(socket => socket.packets))

  constructor(private readonly onFault: (error: ServiceError) => void) {}

  add(socket: MulticastSocket): void {
    this.sockets.push(socket)
    this.added.next(socket)
  }

  multicast(bytes: Uint8Array): Observable<never> {
    const sends = this.sockets.map((socket, at) =>
      at === 0
        ? socket.multicast(bytes)
        : socket.multicast(bytes).pipe(catchError((error: ServiceError) => this.tolerate(error))),
    )
    return merge(...sends)
  }

  private tolerate(error: ServiceError): Observable<never> {
    this.onFault(error)
    return EMPTY
  }
}

/**
 * Opens a socket on each path. Emits the medium as soon as the first path works, errors when the first path fails. Shared: it is
 * open while somebody is subscribed.
 */
export function openMedium(
  paths: () => readonly MulticastPath[],
  open: (path: MulticastPath) => Observable<MulticastSocket>,
  onFault: (error: ServiceError) => void,
): Observable<Medium> {
  const opening = new Observable<Medium>(subscriber => {
    const medium = new JoinedSockets(onFault)
    for (const [at, path] of paths().entries()) {
      const opened = open(path).subscribe({
        next: socket => {
          medium.add(socket)
          if (at === 0) subscriber.next(medium)
        },
        error: (error: ServiceError) => (at === 0 ? subscriber.error(error) : onFault(error)),
      })
      subscriber.add(opened)
    }
  })
  return opening.pipe(share({ connector: () => new ReplaySubject<Medium>(1) }))
}
