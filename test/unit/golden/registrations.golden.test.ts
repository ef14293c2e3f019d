import { describe, expect, test } from 'vitest'
import type { ServiceRecord } from 'headrace/streams'
import { NodeReader } from '../../../src/adapters/registry/mdns/known-nodes.js'
import { publishedNodes } from '../../../src/adapters/registry/mdns/published-nodes.js'
import { zlibCompression } from '../../../src/adapters/zlib-compression.js'
import { readDnsMessage } from '../../../src/wire/mdns/dns-reader.js'
import { writeDnsMessage } from '../../../src/wire/mdns/dns-writer.js'
import { announcement } from '../../../src/wire/mdns/node-packets.js'
import { endpointsToJson, metadataToJson } from '../../../src/wire/service-json.js'
import { serviceFromGo, type GoService } from '../../support/go-records.js'
import { vector } from '../../support/vectors.js'

const file = '2017-registrations'
const names = ['register-go.micro.srv.greeter', 'register-topic:jobs', 'register-topic:events']
const compression = zlibCompression('mdns', 65_536)

/** What a watcher reads from what the node of a service announces. */
function heard(service: ServiceRecord): ServiceRecord | undefined {
  const reader = new NodeReader(['local'], compression, error => expect.fail(error.message))
  const [node] = publishedNodes(service, undefined, { domain: 'local', host: 'vm', compression })
  if (node === undefined) return undefined
  const bytes = writeDnsMessage(announcement(node), { compress: false })
  return reader.read(readDnsMessage(bytes)).known[0]?.record
}

describe('what go-micro 2017 registers', () => {
  test.each(names)('%s: its JSON is read and written again, key by key', name => {
    const go = vector(file, name).json as GoService
    const ours = serviceFromGo(go)
    expect(JSON.stringify(endpointsToJson(ours.endpoints))).toBe(JSON.stringify(go.endpoints))
    expect(JSON.stringify(metadataToJson(ours.metadata))).toBe(JSON.stringify(go.metadata))
    for (const [at, node] of ours.nodes.entries())
      expect(JSON.stringify(metadataToJson(node.metadata))).toBe(JSON.stringify(go.nodes[at]?.metadata))
  })

  test.each(names)('%s: it arrives whole over multicast DNS', name => {
    const service = serviceFromGo(vector(file, name).json as GoService)
    expect(heard(service)).toEqual(service)
  })
})
