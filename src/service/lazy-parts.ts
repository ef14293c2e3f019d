import type { Client } from '../actors/client.js'
import { ServiceError } from '../streams/errors.js'
import { LazyClient, type ClientSource } from './lazy-client.js'
import { eventOf, type ServiceEvent } from './events.js'
import { assemble, closedError, type Parts } from './parts.js'
import type { ServiceSettings } from './settings.js'
import type { Patience } from './wait.js'

/** The parts of a service, loaded when they are first needed: a client needs no start. */
export class LazyParts implements ClientSource {
  /** Calls the others; the first call loads the parts. */
  readonly client = new LazyClient(this)
  private loading: Promise<Parts> | undefined
  private loaded: Parts | undefined
  private closing: Promise<void> | undefined

  constructor(
    private readonly settings: ServiceSettings,
    private readonly tell: (event: ServiceEvent) => void,
  ) {}

  /** The client, if the parts are there and stay. */
  get ready(): Client | undefined {
    return this.closing === undefined ? this.loaded?.client : undefined
  }

  /** The parts, if they are there. */
  get current(): Parts | undefined {
    return this.loaded
  }

  withClient(loaded: (client: Client) => void, failed: (failure: unknown) => void): void {
    this.withParts(({ client }) => loaded(client), failed)
  }

  /** Gives the parts: at once where they are there and stay, else when they are loaded. One of the two is called, once. */
  withParts(ready: (parts: Parts) => void, failed: (failure: unknown) => void): void {
    if (this.loaded !== undefined && this.closing === undefined) ready(this.loaded)
    else this.parts().then(ready, failed)
  }

  /** Loads the parts once, however many ask. A load that failed is tried again by the next one. */
  parts(): Promise<Parts> {
    if (this.closing !== undefined) return Promise.reject(closedError(this.settings.name))
    this.loading ??= assemble(this.settings, this.tell).then(
      parts => (this.loaded = parts),
      (failure: unknown) => {
        this.loading = undefined
        throw ServiceError.from(failure, this.settings.name)
      },
    )
    return this.loading
  }

  /** Closes what was loaded, also what is being loaded now, and the adapters that were given. All calls share one promise, which never rejects. */
  close(patience: Patience): Promise<void> {
    this.closing ??= this.end(patience)
    return this.closing
  }

  private async end(patience: Patience): Promise<void> {
    const parts = await this.loading?.catch(() => undefined) // whoever asked for them has heard why not
    await parts?.close(patience)
    const { broker, transport, registry } = this.settings
    // Not loaded, or a flag has named another: a given adapter belongs to the service all the same.
    for (const adapter of [broker, transport, registry]) {
      await adapter?.close().catch((failure: unknown) => {
        const error = ServiceError.from(failure)
        this.tell(eventOf(adapter.name, { kind: 'could not be closed', error }))
      })
    }
  }
}
