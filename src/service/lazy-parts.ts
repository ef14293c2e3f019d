import type { Client } from '../actors/client.js'
import type { LazyClient } from './client-facade.js'
import type { ServiceEvent } from './events.js'
import { assemble, closedError, type Parts } from './parts.js'
import type { ServiceSettings } from './settings.js'

/** The parts of a service, loaded when they are first needed: a client needs no start. */
export class LazyParts implements LazyClient {
  private loading: Promise<Parts> | undefined
  private loaded: Parts | undefined
  private closing: Promise<void> | undefined

  constructor(
    private readonly settings: ServiceSettings,
    private readonly tell: (event: ServiceEvent) => void,
  ) {}

  /** The client, if the parts are there. */
  get ready(): Client | undefined {
    return this.loaded?.client
  }

  /** The parts, if they are there. */
  get current(): Parts | undefined {
    return this.loaded
  }

  async load(): Promise<Client> {
    return (await this.parts()).client
  }

  /** Loads the parts once, however many ask. A load that failed is tried again by the next one. */
  parts(): Promise<Parts> {
    if (this.closing !== undefined) return Promise.reject(closedError(this.settings.name))
    this.loading ??= assemble(this.settings, this.tell).then(
      parts => (this.loaded = parts),
      (failure: unknown) => {
        this.loading = undefined
        throw failure
      },
    )
    return this.loading
  }

  /** Closes what was loaded, also what is being loaded now; calls under way get `timeoutMs`. All calls share one promise. */
  close(timeoutMs: number): Promise<void> {
    this.closing ??= this.end(timeoutMs)
    return this.closing
  }

  private async end(timeoutMs: number): Promise<void> {
    const parts = await this.loading?.catch(() => undefined) // whoever asked for them has heard why not
    await parts?.close(timeoutMs)
  }
}
