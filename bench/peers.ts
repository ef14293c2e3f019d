import type { Peer } from './peers/peer.js'

/** What can be measured, by name, in the order of the tables. Each is loaded by the processes that need it, and by no other. */
export const peers: Readonly<Record<string, () => Promise<Peer>>> = {
  raw: async () => (await import('./peers/raw.js')).raw,
  'raw-json': async () => (await import('./peers/raw.js')).rawJson,
  'headrace-protobuf': async () => (await import('./peers/headrace.js')).headraceProtobuf,
  'headrace-json': async () => (await import('./peers/headrace.js')).headraceJson,
  'headrace-plain-protobuf': async () => (await import('./peers/headrace.js')).headracePlainProtobuf,
  'headrace-plain-json': async () => (await import('./peers/headrace.js')).headracePlainJson,
  'headrace-memory': async () => (await import('./peers/headrace-memory.js')).headraceMemory,
  ws: async () => (await import('./peers/ws.js')).ws,
  'nestjs-tcp': async () => (await import('./peers/nestjs.js')).nestjsTcp,
  cote: async () => (await import('./peers/cote.js')).cote,
  'moleculer-tcp': async () => (await import('./peers/moleculer.js')).moleculerTcp,
  'moleculer-nats': async () => (await import('./peers/moleculer.js')).moleculerNats,
  nats: async () => (await import('./peers/nats.js')).nats,
  'node-undici': async () => (await import('./peers/node-undici.js')).nodeUndici,
  grpc: async () => (await import('./peers/grpc.js')).grpc,
  connect: async () => (await import('./peers/connect.js')).connect,
}

/** The peer that is 1 in the tables. */
export const reference = 'raw'
