import { ServiceError, formatAddress } from '../../../streams/index.js'
import type { DnsMessage } from '../../../wire/mdns/dns-message.js'
import { readHeardNodes, type HeardNode } from '../../../wire/mdns/heard-nodes.js'
import type { KnownNode } from '../../../wire/mdns/node-cache.js'
import { listService } from '../../../wire/mdns/node-packets.js'
import type { Compression } from '../../../wire/compression.js'
import { readServiceText, unpackText } from '../../../wire/mdns/service-text.js'

/** What a message says about the nodes of one domain. */
export interface NodeNews {
  readonly known: readonly KnownNode[]
  /** Instance names that said goodbye. */
  readonly gone: readonly string[]
}

/** Reads go-micro's nodes out of messages; what other programs say in the same network is passed over. */
export class NodeReader {
  constructor(
    private readonly domain: string,
    private readonly compression: Compression,
    private readonly onFault: (error: ServiceError) => void,
  ) {}

  read(message: DnsMessage): NodeNews {
    const heard = readHeardNodes(message).filter(each => each.instance.endsWith(`.${this.domain}`))
    return {
      known: heard.flatMap(each => (each.kind === 'node' && isOurs(each) ? this.understand(each) : [])),
      gone: heard.filter(each => each.kind === 'goodbye').map(each => each.instance),
    }
  }

  private understand(heard: HeardNode & { kind: 'node' }): readonly KnownNode[] {
    try {
      const text = unpackText(heard.strings, this.compression)
      const { service, version, endpoints, metadata } = readServiceText(text)
      const suffix = `.${service}.${this.domain}`
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
