import { readFileSync } from 'node:fs'
import type { Transport } from 'headrace/streams'
import { http, type HttpTlsOptions, type HttpTransportOptions } from '../../src/adapters/transport/http.js'
import { type ws, type WsTransportOptions } from '../../src/adapters/transport/ws.js'
import { createTransportHub, memory } from '../../src/adapters/transport/memory.js'
import type { Subjects } from '../conformance/law.js'
import type { TransportSubject } from '../conformance/transport.suite.js'

const features = { halfClose: true }

/** Two memory transports on one hub; `plant` wraps both. */
export function memoryTransportSubjects(
  callsPerLink = 1,
  plant: (transport: Transport) => Transport = transport => transport,
): Subjects<TransportSubject> {
  return {
    features,
    setup: () => {
      const hub = createTransportHub()
      const [server, client] = [memory({ hub, callsPerLink }), memory({ hub, callsPerLink })]
      return subject(plant(server), plant(client), 2 * 1024 * 1024, () => 0)
    },
    teardown: closeBoth,
  }
}

/** Two http transports. */
export function httpTransportSubjects(
  serverOptions: HttpTransportOptions = {},
  clientOptions = serverOptions,
): Subjects<TransportSubject> {
  return {
    features,
    setup: () => {
      const before = sockets()
      const count = () => sockets() - before
      return subject(http(serverOptions), http(clientOptions), 32 * 1024 * 1024, count)
    },
    teardown: closeBoth,
  }
}

/** Two transports that use the fast lane, over their sockets or over WebSockets, with eight streams on a connection. */
export function fastLaneSubjects(
  make: typeof http | typeof ws,
  serverOptions: WsTransportOptions = {},
  clientOptions = serverOptions,
): Subjects<TransportSubject> {
  return {
    features,
    setup: () => {
      const before = sockets()
      const count = () => sockets() - before
      const server = make({ ...serverOptions, maxStreams: 8 })
      const client = offered(make({ ...clientOptions, maxStreams: 8 }), server.offers ?? '')
      return subject(server, client, 2 * 1024 * 1024, count)
    },
    teardown: closeBoth,
  }
}

/** A transport that dials every address as one that offers this. */
function offered(transport: Transport, offers: string): Transport {
  return {
    name: transport.name,
    events: transport.events,
    callsPerLink: transport.callsPerLinkTo?.(offers) ?? 1,
    dial: address => transport.dial(address, offers),
    listen: address => transport.listen(address),
    close: () => transport.close(),
  }
}

/** The TLS options of a server: its own certificate, and the authority that clients' certificates come from. */
export function serverTls(): HttpTlsOptions {
  return { ca: pem('ca.pem'), cert: pem('server.pem'), key: pem('server.key.pem') }
}

/** The TLS options of a client with a certificate of its own. */
export function clientTls(): HttpTlsOptions {
  return { ca: pem('ca.pem'), cert: pem('client.pem'), key: pem('client.key.pem') }
}

/** A file of test/support/tls. */
function pem(name: string): string {
  return readFileSync(new URL(`tls/${name}`, import.meta.url), 'utf8')
}

/** How many TCP sockets this process has. */
export function sockets(): number {
  return process.getActiveResourcesInfo().filter(kind => kind === 'TCPSocketWrap').length
}

function subject(
  server: Transport,
  client: Transport,
  stalledBytes: number,
  connections: () => number,
): TransportSubject {
  return { server, client, address: '127.0.0.1:0', window: 1024, stalledBytes, connections }
}

async function closeBoth({ server, client }: TransportSubject): Promise<void> {
  await Promise.all([server.close(), client.close()])
}
