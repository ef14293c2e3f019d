/** The part of a DNS message (RFC 1035, 2782, 3596) that multicast DNS service discovery uses. Names have no dot at their end. */

/** The record types that are read and written. Records of other types are passed over. */
export const recordTypes = { A: 1, PTR: 12, TXT: 16, AAAA: 28, SRV: 33, ANY: 255 } as const

/** A question. `type` may be one that is not in {@link recordTypes}. */
export interface DnsQuestion {
  readonly name: string
  readonly type: number
  /** The QU bit (RFC 6762 section 5.4): the asker wants the answer for itself. */
  readonly unicast: boolean
}

/** What a record says. The characters of `strings` are bytes. */
export type DnsData =
  | { readonly type: 'PTR'; readonly target: string }
  | {
      readonly type: 'SRV'
      readonly priority: number
      readonly weight: number
      readonly port: number
      readonly target: string
    }
  | { readonly type: 'TXT'; readonly strings: readonly string[] }
  | { readonly type: 'A' | 'AAAA'; readonly address: string }

/** A record of class IN. */
export interface DnsRecord {
  readonly name: string
  /** How long it may be remembered, in seconds; 0 takes it back. */
  readonly ttlSeconds: number
  readonly data: DnsData
}

/** A query or a response. */
export interface DnsMessage {
  readonly id: number
  /** QR. */
  readonly response: boolean
  /** AA. */
  readonly authoritative: boolean
  /** Opcode, TC and rcode are all zero. Other messages are not for multicast DNS (RFC 6762 section 18). */
  readonly plain: boolean
  readonly questions: readonly DnsQuestion[]
  readonly answers: readonly DnsRecord[]
  readonly authorities: readonly DnsRecord[]
  readonly additionals: readonly DnsRecord[]
}

/** A query of no question, to be spread into: `{ ...emptyMessage, questions }`. */
export const emptyMessage: DnsMessage = {
  id: 0,
  response: false,
  authoritative: false,
  plain: true,
  questions: [],
  answers: [],
  authorities: [],
  additionals: [],
}
