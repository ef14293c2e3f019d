/** How the text of a flag is read. */
export type FlagKind =
  | 'text'
  /** Comma separated. */
  | 'list'
  /** Repeatable: each is one. */
  | 'texts'
  /** A Go duration such as `1m30s`. */
  | 'duration'
  /** A Go duration, or a bare number of seconds. */
  | 'seconds'
  /** A whole number from 0. */
  | 'count'
  /** `key=value`, repeatable; in the environment a comma list. */
  | 'pairs'
  /** Present, or with `true` or `false`. */
  | 'switch'

/** One flag as `--help` shows it. */
export interface FlagSpec {
  readonly kind: FlagKind
  readonly help: string
  /** The environment variable that is read when the flag is absent. */
  readonly env?: string
}

/**
 * The flags of every service: names, environment variables and value syntax are go-micro's (PROTOCOL sections 12 and 14.6), defaults
 * are headrace's own and stand in the help text.
 */
export const serviceFlags = {
  client: { kind: 'text', env: 'MICRO_CLIENT', help: 'Client implementation; rpc. Default: rpc' },
  client_request_timeout: {
    kind: 'duration',
    env: 'MICRO_CLIENT_REQUEST_TIMEOUT',
    help: 'How long a call may take with all its attempts, for example 500ms. Default: 5s',
  },
  client_retries: {
    kind: 'count',
    env: 'MICRO_CLIENT_RETRIES',
    help: 'Further attempts after the first, where trying again is safe. Default: 1',
  },
  client_pool_size: {
    kind: 'count',
    env: 'MICRO_CLIENT_POOL_SIZE',
    help: 'Most connections to one node; 0 means the default. Default: 64',
  },
  client_pool_ttl: {
    kind: 'duration',
    env: 'MICRO_CLIENT_POOL_TTL',
    help: 'How long an idle connection is kept. Default: 45s',
  },
  server_name: {
    kind: 'text',
    env: 'MICRO_SERVER_NAME',
    help: 'Name of the service. Default: as the program says',
  },
  server_version: {
    kind: 'text',
    env: 'MICRO_SERVER_VERSION',
    help: 'Version of the service. Default: 1.0.0',
  },
  server_id: {
    kind: 'text',
    env: 'MICRO_SERVER_ID',
    help: 'Id of the node, behind its name and a dash. Default: a random UUID',
  },
  server_address: {
    kind: 'text',
    env: 'MICRO_SERVER_ADDRESS',
    help: 'Where to listen: host:port, :0, host:5000-6000. Default: :0',
  },
  server_advertise: {
    kind: 'text',
    env: 'MICRO_SERVER_ADVERTISE',
    help: 'The address that goes into the registry. Default: the one listened at; for a wildcard a private IPv4',
  },
  server_metadata: {
    kind: 'pairs',
    env: 'MICRO_SERVER_METADATA',
    help: 'Metadata of the node, key=value, repeatable; replaces all of the program. Default: as the program says',
  },
  broker: { kind: 'text', env: 'MICRO_BROKER', help: 'Broker; http, memory. Default: http' },
  broker_address: {
    kind: 'list',
    env: 'MICRO_BROKER_ADDRESS',
    help: 'Where the broker listens, or its servers, comma separated. Default: :0',
  },
  registry: { kind: 'text', env: 'MICRO_REGISTRY', help: 'Registry; mdns, consul, memory. Default: mdns' },
  registry_address: {
    kind: 'list',
    env: 'MICRO_REGISTRY_ADDRESS',
    help: 'Addresses of the registry, comma separated; for mdns the address of the interface, such as 127.0.0.1, for consul agents. Default: all interfaces, 127.0.0.1:8500',
  },
  selector: {
    kind: 'text',
    env: 'MICRO_SELECTOR',
    help: 'Selector; default, cache, blacklist, label, named. Default: default',
  },
  server: { kind: 'text', env: 'MICRO_SERVER', help: 'Server implementation; rpc. Default: rpc' },
  transport: {
    kind: 'text',
    env: 'MICRO_TRANSPORT',
    help: 'Transport; http, http-plain (without the fast lane), ws (the fast lane over WebSockets), memory. Default: http',
  },
  allowed_origins: {
    kind: 'list',
    env: 'MICRO_ALLOWED_ORIGINS',
    help: 'Origins of web pages that may connect, comma separated, for example https://shop.example. Default: as the program says',
  },
  transport_address: {
    kind: 'list',
    env: 'MICRO_TRANSPORT_ADDRESS',
    help: 'Addresses of the transport, for those that have servers, comma separated. Default: none',
  },
  register_ttl: {
    kind: 'seconds',
    env: 'MICRO_REGISTER_TTL',
    help: 'How long the registration is good without being renewed, seconds or a duration. Default: 60s',
  },
  register_interval: {
    kind: 'seconds',
    env: 'MICRO_REGISTER_INTERVAL',
    help: 'How often the registration is renewed, seconds or a duration; 0: never. Default: half of the ttl, at most 30s',
  },
} as const satisfies Readonly<Record<string, FlagSpec>>
