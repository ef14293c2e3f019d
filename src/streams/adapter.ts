import type { Observable } from 'rxjs'
import type { ServiceError } from './errors.js'

/**
 * Something an adapter wants known although nobody waits for it.
 * - `listening`: a listener is bound; `address` is its real `host:port`.
 * - `notice`: worth a line in a log, nothing is wrong.
 * - `fault`: something went wrong that no operation could report, such as a malformed packet of a stranger.
 */
export type AdapterEvent =
  | { readonly kind: 'listening'; readonly adapter: string; readonly address: string }
  | { readonly kind: 'notice'; readonly adapter: string; readonly text: string }
  | { readonly kind: 'fault'; readonly adapter: string; readonly error: ServiceError }

/** What every adapter has, whatever it adapts. */
export interface Adapter {
  /** The word by which flags and registry metadata know it, for example `mdns`. */
  readonly name: string
  /**
   * Hot; nothing is replayed. Completes when the adapter is closed, never errors. Unsubscribing stops nothing.
   * Emits synchronously, a slow consumer slows nobody: the rate is bounded by the adapter (repeated faults are counted, not repeated).
   */
  readonly events: Observable<AdapterEvent>
  /** Ends everything the adapter still does and frees what it holds. May be called at any time and more than once: all calls share one promise. */
  close(): Promise<void>
}
