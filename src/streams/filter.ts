import type { Filter } from './selector.js'

/** Nodes of exactly this version. */
export function byVersion(version: string): Filter {
  return node => node.version === version
}

/** Nodes whose metadata has this value under `key`. */
export function byLabel(key: string, value: string): Filter {
  return node => node.metadata[key] === value
}

/** Nodes whose service has an endpoint of this name, for example `Greeter.Hello`. */
export function byEndpoint(name: string): Filter {
  return node => node.endpoints.some(endpoint => endpoint.name === name)
}

/** Nodes of one zone: what their label `zone` says. */
export function byZone(zone: string): Filter {
  return byLabel('zone', zone)
}

/** Nodes that pass every one of the filters; without filters all do. */
export function all(...filters: readonly Filter[]): Filter {
  return node => filters.every(filter => filter(node))
}

/** Nodes that pass at least one of the filters; without filters none does. */
export function any(...filters: readonly Filter[]): Filter {
  return node => filters.some(filter => filter(node))
}

/** Nodes that do not pass the filter. */
export function not(filter: Filter): Filter {
  return node => !filter(node)
}
