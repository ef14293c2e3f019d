import type { ServiceNode } from '../../streams/registry.js'

/** What a node says in its metadata that it offers beyond the usual wire of its transport. */
export function offersOf({ metadata }: ServiceNode): string | undefined {
  return metadata['headrace']
}
