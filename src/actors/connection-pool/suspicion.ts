import { Subscription } from 'rxjs'
import type { ServiceError } from '../../streams/errors.js'
import type { Clock } from '../../streams/clock.js'
import type { Link } from '../../streams/transport.js'

/** The pause between two dials to a node that does not answer, in milliseconds. */
const pauseMs = 1_000

/** How long such a node is dialled without anybody asking for it, in milliseconds. Behind that the next caller finds out. */
const longestMs = 600_000

/** What a {@link Suspicion} needs. */
export interface SuspicionParts {
  readonly clock: Clock
  /** The peer has become suspect, or is heard of again. */
  changed(suspect: boolean): void
  /** It is time to dial. */
  due(): void
}

/**
 * Whether the peer at one address does not answer: while a link to it is suspect, and, when that has been given up or a dial was met with silence, until a dial has
 * another outcome. One that is refused is an answer: whoever calls then hears so at once.
 */
export class Suspicion {
  private readonly silent = new Set<Link>()
  private readonly followed = new Map<Link, Subscription>()
  private pause = Subscription.EMPTY
  private probingUntil: number | undefined
  /** The peer does not answer. */
  suspect = false

  constructor(private readonly parts: SuspicionParts) {}

  /** A dial is wanted although nobody waits. */
  get dials(): boolean {
    return this.probingUntil !== undefined && this.pause.closed
  }

  /** The address must not be forgotten yet. */
  get pending(): boolean {
    return this.probingUntil !== undefined
  }

  /** There is a link: the peer has answered. */
  up(link: Link): void {
    this.stopProbing()
    const { suspect } = link
    if (suspect !== undefined) {
      const heard = (silent: boolean) => {
        if (silent) this.silent.add(link)
        else this.silent.delete(link)
        this.settle()
      }
      // By contract it has no errors.
      this.followed.set(link, suspect.subscribe({ next: heard, error: () => undefined }))
    }
    this.settle()
  }

  /** The link is gone, or belongs to somebody else now. */
  gone(link: Link): void {
    this.followed.get(link)?.unsubscribe()
    this.followed.delete(link)
    if (!this.silent.delete(link) || this.silent.size > 0) return
    this.probingUntil = this.parts.clock.scheduler.now() + longestMs
  }

  /** A dial has failed, and there is no link. */
  failed({ kind }: ServiceError): void {
    const { parts } = this
    const { scheduler } = parts.clock
    this.probingUntil ??= scheduler.now() + longestMs
    if (kind !== 'timeout' || scheduler.now() >= this.probingUntil) this.stopProbing()
    this.settle()
    if (this.probingUntil === undefined) return
    this.pause.unsubscribe()
    this.pause = scheduler.schedule(() => {
      this.pause = Subscription.EMPTY
      parts.due()
    }, pauseMs)
  }

  /** The address is out of use: what was suspected of it is forgotten. */
  clear(): void {
    this.silent.clear()
    this.stopProbing()
    this.settle()
  }

  private stopProbing(): void {
    this.probingUntil = undefined
    this.pause.unsubscribe()
    this.pause = Subscription.EMPTY
  }

  private settle(): void {
    const suspect = this.silent.size > 0 || this.probingUntil !== undefined
    if (suspect === this.suspect) return
    this.suspect = suspect
    this.parts.changed(suspect)
  }
}
