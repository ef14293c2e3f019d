import { allMessages, type HttpBytes } from './http-bytes.js'
import { scriptedServer, type ScriptedServer } from './raw-peer.js'
import { bytesOf, vector } from './vectors.js'

/** A request that was received, and the one that the Go client sent in its place. */
export interface RequestPair {
  readonly ours: HttpBytes
  readonly theirs: HttpBytes
}

/** A server that plays the part of the Go server in a capture. */
export interface GoServer {
  readonly address: string
  /** What was received so far. */
  readonly requests: readonly RequestPair[]
  /** Closes it. Rejects when the client left before its part was played. */
  close(): Promise<void>
}

/**
 * Starts it with the answers of a capture: each is given when as many requests have come as the Go client had sent before it. With
 * `untilClosed` it also waits for the client's close where the capture has one.
 */
export async function goServer(file: string, name: string, { untilClosed = false } = {}): Promise<GoServer> {
  const requests: RequestPair[] = []
  const server: ScriptedServer = await scriptedServer(async peer => {
    for (const segment of vector(file, name).segments ?? []) {
      if (segment.dir === 'server>client') peer.write(bytesOf(segment))
      else if (segment.dir === 'server>client FIN') peer.end()
      else if (segment.dir === 'client>server FIN') await (untilClosed ? peer.ended() : undefined)
      else {
        for (const theirs of allMessages(bytesOf(segment)).messages)
          requests.push({ ours: await peer.message(), theirs })
      }
    }
  })
  return { address: server.address, requests, close: () => server.close() }
}

/**
 * The bytes that a request of ours must have: those of Go, with the address of the server and the name of the program in their places, and
 * with the calling service, which Go's bare client does not name (PROTOCOL section 5.3).
 */
export function asOurs({ start, lines, body }: HttpBytes, address: string, from: string): string {
  const named = lines.some(line => line.startsWith('X-Micro-From-Service:'))
  const head = lines.map(line =>
    line.replace(/^Host: .*/, `Host: ${address}`).replace('Go-http-client/1.1', 'headrace'),
  )
  if (!named) head.push(`X-Micro-From-Service: ${from}`)
  return [start, ...head, '', body.toString('latin1')].join('\r\n')
}

/** The bytes of a request as they are. */
export function asSent({ start, lines, body }: HttpBytes): string {
  return [start, ...lines, '', body.toString('latin1')].join('\r\n')
}
