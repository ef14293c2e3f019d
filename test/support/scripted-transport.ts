import { BehaviorSubject, EMPTY, Observable, ReplaySubject, type Subscriber } from 'rxjs'
import type { Channel, Link, Transport } from 'headrace/streams'
import { ServiceError } from 'headrace/streams'

/** A link without a wire: `use` takes a place, `finish` gives it back. */
export class ScriptedLink implements Link {
  private readonly end = new ReplaySubject<never>(1)
  readonly closed = this.end.asObservable()
  private readonly silence = new BehaviorSubject(false)
  readonly suspect = this.silence.asObservable()
  inUse = 0
  retired = false
  alive = true
  abortedWith: ServiceError | undefined

  constructor(
    readonly peer: string,
    private readonly places: number,
  ) {}

  get room(): number {
    return this.alive && !this.retired ? this.places - this.inUse : 0
  }

  use(): void {
    if (this.room <= 0) throw new Error(`${this.peer}: no room`)
    this.inUse += 1
  }

  finish(): void {
    this.inUse -= 1
    if (this.retired && this.inUse === 0) this.close()
  }

  /** The peer falls silent, or is heard of again. */
  silent(silent: boolean): void {
    this.silence.next(silent)
  }

  close(): void {
    if (!this.alive) return
    this.alive = false
    this.end.complete()
  }

  request(): () => void {
    this.use()
    return () => this.finish()
  }

  open(): Channel {
    throw new Error('a scripted link has no channels')
  }

  retire(): void {
    this.retired = true
    if (this.inUse === 0) this.close()
  }

  abort(error: ServiceError): void {
    if (this.alive) this.abortedWith = error
    this.close()
  }
}

/** One dial that waits for its outcome. */
export interface ScriptedDial {
  readonly address: string
  /** The dial succeeds. Returns the link. */
  connect(): ScriptedLink
  /** The dial fails. */
  refuse(error?: ServiceError): void
}

/** A transport whose dials end when the test says so. */
export class ScriptedTransport implements Transport {
  readonly name = 'scripted'
  readonly events = EMPTY
  /** Dials under way, the oldest first. */
  readonly dials: ScriptedDial[] = []
  readonly links: ScriptedLink[] = []
  /** How many dials there have been. */
  dialled = 0

  constructor(readonly callsPerLink = 1) {}

  dial(address: string): Observable<Link> {
    return new Observable(subscriber => {
      const dial = this.script(address, subscriber)
      this.dialled += 1
      this.dials.push(dial)
      subscriber.add(() => this.forget(dial))
    })
  }

  listen(): Observable<never> {
    throw new Error('a scripted transport does not listen')
  }

  close(): Promise<void> {
    return Promise.resolve()
  }

  /** Links that are open, at one address or at all. */
  alive(address?: string): readonly ScriptedLink[] {
    return this.links.filter(link => link.alive && (address === undefined || link.peer === address))
  }

  private script(address: string, subscriber: Subscriber<Link>): ScriptedDial {
    const dial: ScriptedDial = {
      address,
      connect: () => {
        const link = new ScriptedLink(address, this.callsPerLink)
        this.links.push(link)
        this.forget(dial)
        subscriber.next(link)
        subscriber.complete()
        return link
      },
      refuse: (error = new ServiceError('unavailable', 'connection refused')) => {
        this.forget(dial)
        subscriber.error(error)
      },
    }
    return dial
  }

  private forget(dial: ScriptedDial): void {
    const at = this.dials.indexOf(dial)
    if (at >= 0) this.dials.splice(at, 1)
  }
}
