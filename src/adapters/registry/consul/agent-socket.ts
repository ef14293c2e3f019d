import { Agent } from 'node:http'
import { connect, isIP, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { ServiceError, parseAddress } from '../../../streams/index.js'
import type { ConsulTlsOptions } from './options.js'

/** Where to connect, and how much to read. */
export interface AgentSocketOptions {
  /** `host:port` of a Consul agent. */
  readonly address: string
  readonly tls: ConsulTlsOptions | undefined
  readonly maxAnswerBytes: number
  /** Hears that the connection is gone, for whatever reason. */
  readonly onClosed: () => void
}

/**
 * The socket of one request, as the HTTP agent that the library takes. There is no second request on it: an agent that was restarted leaves no dead
 * connections to fall over. An answer that is too large breaks it off.
 */
export class AgentSocket extends Agent {
  constructor(private readonly options: AgentSocketOptions) {
    super({ keepAlive: false })
  }

  override createConnection(): Socket {
    const { address, tls, maxAnswerBytes, onClosed } = this.options
    const { host, port } = parseAddress(address)
    const socket = tls === undefined ? connect({ host, port }) : secure(host, port, tls)
    socket.on('data', () => {
      if (socket.bytesRead > maxAnswerBytes) socket.destroy(tooLarge(maxAnswerBytes))
    })
    return socket.once('close', onClosed)
  }
}

function secure(host: string, port: number, tls: ConsulTlsOptions): Socket {
  const { serverName = host, insecureSkipVerify = false, ...context } = tls
  // RFC 6066 forbids an IP address as the server name.
  const servername = isIP(serverName) === 0 ? { servername: serverName } : {}
  return connectTls({ ...context, host, port, ...servername, rejectUnauthorized: !insecureSkipVerify })
}

function tooLarge(maxAnswerBytes: number): ServiceError {
  return new ServiceError(
    'resource_exhausted',
    `the answer is longer than ${maxAnswerBytes} bytes (maxAnswerBytes)`,
  )
}
