/** The libraries that headrace is run beside. */
export const peers = ['go-micro 2017', 'go-micro 1.18', 'ja-micro'] as const
export type PeerName = (typeof peers)[number]

/** What the peer is: `server` where headrace calls and publishes, `client` where it serves and subscribes. */
export const roles = ['server', 'client'] as const
export type Role = (typeof roles)[number]

/** Where both sides find each other. `address`: nowhere, the caller is told the address. */
export const places = ['mdns', 'consul', 'address'] as const
export type Place = (typeof places)[number]

export const codecs = ['json', 'json-rpc', 'protobuf', 'proto-rpc', 'octet-stream'] as const
export type CodecName = (typeof codecs)[number]

export const callKinds = [
  'unary',
  'error',
  'metadata',
  'deadline',
  'bidi',
  'server stream',
  'health',
  'stats',
] as const
export type CallKind = (typeof callKinds)[number]
export const eventKinds = ['event', 'queue'] as const
export type EventKind = (typeof eventKinds)[number]
export const kinds = [...callKinds, ...eventKinds] as const
export type Kind = CallKind | EventKind

/** One combination, which works or does not apply. */
export interface Cell {
  readonly peer: PeerName
  readonly role: Role
  readonly place: Place
  readonly codec: CodecName
  readonly kind: Kind
}

/** All of them. */
export const cells: readonly Cell[] = peers.flatMap(peer =>
  roles.flatMap(role =>
    places.flatMap(place => codecs.flatMap(codec => kinds.map(kind => ({ peer, role, place, codec, kind })))),
  ),
)
