import { ServiceError, formatAddress } from '../../../streams/index.js'
import type { DnsMessage } from '../../../wire/mdns/dns-message.js'
import { readHeardNodes, type HeardNode } from '../../../wire/mdns/heard-nodes.js'
import type { KnownNode } from '../../../wire/mdns/node-cache.js'
import { listService } from '../../../wire/mdns/node-packets.js'
import type { Compression } from '../../../wire/compression.js'
import { readServiceText, unpackText } from '../../../wire/mdns/service-text.js'

/** What a message says about the nodes of our domains. */
export interface NodeNews {
  readonly known: readonly KnownNode[]
  /** Those that said goodbye, by their names in the first domain. */
  readonly gone: readonly string[]
}

/** Reads go-micro's nodes out of messages; what other programs say in the same network is passed over. */
export class NodeReader {
  constructor(
    private readonly domains: readonly string[],
    private readonly compression: Compression,
    private readonly onFault: (error: ServiceError) => void,
  ) {}

  read(message: DnsMessage): NodeNews {
    const heard = readHeardNodes(message).flatMap(each => this.asOfFirst(each))
    return {
      known: heard.flatMap(each => (each.kind === 'node' && isOurs(each) ? this.understand(each) : [])),
      gone: heard.filter(each => each.kind === 'goodbye').map(each => each.instance),
    }
  }

  /** A node may be announced in several domains: it is known by its name in the first of ours. */
  private asOfFirst(heard: HeardNode): readonly HeardNode[] {
    const { instance } = heard
    const domain = this.domains.find(each => instance.endsWith(`.${each}`))
    if (domain === undefined) return []
    return [{ ...heard, instance: `${instance.slice(0, -domain.length)}${this.first}` }]
  }

  private get first(): string {
    return this.domains[0] ?? ''
  }

  private understand(heard: HeardNode & { kind: 'node' }): readonly KnownNode[] {
    try {
      const text = unpackText(heard.strings, this.compression)
      const { service, version, endpoints, metadata } = readServiceText(text)
      const suffix = `.${service}.${this.first}`
      const id = heard.instance.slice(0, -suffix.length)
      if (!heard.instance.endsWith(suffix) || id === '' || service === listService) return []
      const node = { id, address: formatAddress(heard.ip, heard.port), metadata }
      const record = { name: service, version, metadata: {}, endpoints, nodes: [node] }
      return [
        { instance: heard.instance, record, ttlSeconds: heard.ttlSeconds, bytes: 2 * text.length + 512 },
      ]
    } catch (cause) {
      const { kind, message } = ServiceError.from(cause)
      this.onFault(new ServiceError(kind, `${message}; it is the node '${heard.instance}'`, { cause }))
      return []
    }
  }
}

/** zlib's first byte in hexadecimal: printers and players have other texts. */
function isOurs({ strings }: HeardNode & { kind: 'node' }): boolean {
  return strings[0]?.startsWith('78') === true
}
