import { canonicalKey } from '../../streams/index.js'

/** What a header means for the framing of its message. */
export type HeaderRole = 'plain' | 'host' | 'length' | 'encoding' | 'connection' | 'upgrade'

/** A header name as it is kept: in HTTP's canonical form. */
export interface HeaderName {
  readonly canonical: string
  readonly role: HeaderRole
}

const roles: Readonly<Record<string, HeaderRole>> = {
  Host: 'host',
  'Content-Length': 'length',
  'Transfer-Encoding': 'encoding',
  Connection: 'connection',
  Upgrade: 'upgrade',
}

const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/

/** How many spellings are remembered: a peer that invents names gets them looked up each time. */
const remembered = 128

/** Remembers how header names are spelled canonically. One for each parser or writer. */
export class HeaderNames {
  private readonly known = new Map<string, HeaderName>()

  /** The name in canonical form, or `undefined` when HTTP cannot carry it. */
  lookup(raw: string): HeaderName | undefined {
    return this.known.get(raw) ?? this.learn(raw)
  }

  private learn(raw: string): HeaderName | undefined {
    if (!token.test(raw)) return undefined
    const canonical = canonicalKey(raw)
    const name: HeaderName = { canonical, role: roles[canonical] ?? 'plain' }
    if (this.known.size < remembered) this.known.set(raw, name)
    return name
  }
}
