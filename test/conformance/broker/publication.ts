import type { Subscription } from 'rxjs'
import {
  ServiceError,
  type Broker,
  type Message,
  type PublishOptions,
  type Source,
  type StreamReport,
} from 'headrace/streams'
import { within } from '../law.js'

const limitMs = 5_000

/** One published stream under test: keeps its reports and its end. */
export class Publication {
  readonly reports: StreamReport[] = []
  /** What ended it: an error, or `completed`. */
  end: Error | 'completed' | undefined
  private changed: () => void = () => undefined
  private readonly subscription: Subscription

  constructor(broker: Broker, topic: string, source: Source<Message>, options?: PublishOptions) {
    this.subscription = broker.publishAll(topic, source, options).subscribe({
      next: report => {
        this.reports.push(report)
        this.changed()
      },
      error: (error: unknown) =>
        this.finish(error instanceof Error ? error : new Error('it ended with what is no Error')),
      complete: () => this.finish('completed'),
    })
  }

  /** The kind of the error that ended it, or `completed`. */
  get endKind(): string | undefined {
    return this.end instanceof ServiceError ? this.end.kind : this.end?.toString()
  }

  /** Waits until it has completed. Rejects with its error. */
  async done(): Promise<void> {
    await this.until('the end of a published stream', ({ end }) => end !== undefined)
    if (this.end instanceof Error) throw this.end
  }

  /** Waits until `condition` holds; it is looked at after every report and the end. */
  async until(what: string, condition: (publication: this) => boolean): Promise<void> {
    if (condition(this)) return
    const held = new Promise<void>(resolve => {
      this.changed = () => (condition(this) ? resolve() : undefined)
    })
    await within(limitMs, what, held)
  }

  unsubscribe(): void {
    this.subscription.unsubscribe()
  }

  private finish(end: Error | 'completed'): void {
    this.end = end
    this.changed()
  }
}
