import { NEVER, Observable, Subject, concat, of } from 'rxjs'
import type { Medium } from '../../src/adapters/registry/mdns/medium.js'
import type { Packet } from '../../src/adapters/registry/mdns/socket.js'
import { readDnsMessage } from '../../src/wire/mdns/dns-reader.js'

/** A network of one: what is sent is kept with its time, what is heard is up to the test. */
export class FakeMedium implements Medium {
  readonly sent: { readonly at: number; readonly bytes: Uint8Array }[] = []
  readonly replies: Uint8Array[] = []
  private readonly arrivals = new Subject<Packet>()
  readonly packets: Observable<Packet> = this.arrivals.asObservable()
  /** It as the adapter opens it. */
  readonly opened: Observable<Medium> = concat(of(this), NEVER)

  constructor(private readonly now: () => number) {}

  multicast(bytes: Uint8Array): Observable<never> {
    return new Observable(subscriber => {
      this.sent.push({ at: this.now(), bytes })
      subscriber.complete()
    })
  }

  /** Lets a packet arrive. */
  arrive(bytes: Uint8Array): void {
    const reply = (answer: Uint8Array) =>
      new Observable<never>(subscriber => {
        this.replies.push(answer)
        subscriber.complete()
      })
    this.arrivals.next({ message: readDnsMessage(bytes), reply })
  }
}
