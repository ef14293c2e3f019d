import type { Peer } from './peers/peer.js'

/** What can be measured, by name, in the order of the tables. Each is loaded by the processes that need it, and by no other. */
export const peers: Readonly<Record<string, () => Promise<Peer>>> = {
  'headrace-http': async () => (await import('./peers/headrace-http.js')).headraceHttp,
  'node-undici': async () => (await import('./peers/node-undici.js')).nodeUndici,
  'raw-socket': async () => (await import('./peers/raw-socket.js')).rawSocket,
}

/** The peer whose promises are shown. */
export const subject = 'headrace-http'

/** The peer that is 1 in the tables. */
export const reference = 'node-undici'
