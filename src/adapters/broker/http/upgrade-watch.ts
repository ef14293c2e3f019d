import { fastLaneToken } from '../../fast-lane.js'

const opening = Buffer.from('GET / HTTP/1.1\r\n')
const headEnd = '\r\n\r\n'

/** What the beginning of a connection is: not known yet, HTTP with the bytes that were held, or the fast lane with what came behind the request. */
export type Beginning = 'unknown' | { readonly http: Buffer } | { readonly rest: Buffer }

/**
 * Looks at the first bytes of a connection for the request that changes it to the fast lane (docs/fast-lane.md section 1). Node's http server could tell of
 * it, but would then take every request with an `Upgrade` for one, also the POSTs of peers that offer HTTP/2 in that way.
 */
export class UpgradeWatch {
  private held: Buffer = Buffer.alloc(0)

  constructor(private readonly maxHeadBytes: number) {}

  /** Adds bytes and says what is known. After an answer other than `unknown` it is of no use any more. */
  see(chunk: Buffer): Beginning {
    const bytes = this.held.length === 0 ? chunk : Buffer.concat([this.held, chunk])
    const known = Math.min(bytes.length, opening.length)
    if (bytes.compare(opening, 0, known, 0, known) !== 0) return { http: bytes }
    const end = bytes.indexOf(headEnd)
    if (end >= 0) {
      const asks = asksForFastLane(bytes.toString('latin1', 0, end + 2))
      return asks ? { rest: bytes.subarray(end + headEnd.length) } : { http: bytes }
    }
    if (bytes.length > this.maxHeadBytes) return { http: bytes }
    this.held = bytes
    return 'unknown'
  }

  /** The bytes that are held: the peer sends nothing more. */
  takeHeld(): Buffer {
    const { held } = this
    this.held = Buffer.alloc(0)
    return held
  }
}

/** A web page does not come this way: its request is HTTP's to refuse. */
function asksForFastLane(head: string): boolean {
  const upgrade = /\r\nupgrade:([^\r\n]*)\r\n/i.exec(head)?.[1] ?? ''
  const tokens = upgrade.split(',').map(token => token.trim().toLowerCase())
  const isPage = /\r\n(origin|sec-fetch-site):/i.test(head)
  return tokens.includes(fastLaneToken) && /\r\nconnection:[^\r\n]*\bupgrade\b/i.test(head) && !isPage
}
