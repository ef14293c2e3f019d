import { describe, expect, it, test } from 'vitest'
import {
  endpointRecord,
  parseAddress,
  subscriberRecord,
  type EndpointRecord,
  type ServiceDefinition,
} from 'headrace/streams'
import { parseProto } from '../../../src/adapters/codec/proto-types.js'
import { NodeReader } from '../../../src/adapters/registry/mdns/known-nodes.js'
import { publishedNodes } from '../../../src/adapters/registry/mdns/published-nodes.js'
import { zlibCompression } from '../../../src/adapters/zlib-compression.js'
import { readDnsMessage } from '../../../src/wire/mdns/dns-reader.js'
import { writeDnsMessage } from '../../../src/wire/mdns/dns-writer.js'
import {
  announcement,
  goodbye,
  instanceName,
  probe,
  serviceQuery,
  type MdnsNode,
} from '../../../src/wire/mdns/node-packets.js'
import { endpointsFromJson } from '../../../src/wire/service-json.js'
import { deliberateDifferences } from '../../support/deliberate-differences.js'
import { serviceFromGo, type GoService } from '../../support/go-records.js'
import { bytesOf, vector, vectors } from '../../support/vectors.js'

const packets = 'v118-mdns-packets'
const registrations = 'v118-registrations'
const compression = zlibCompression('mdns', 65_536)
const reader = new NodeReader(['local', 'micro'], compression, error => expect.fail(error.message))
const captured = (name: string) => bytesOf(vector(packets, name))

/** The node of a vector. Its TXT strings are Go's, because another zlib gives other bytes for the same text. */
function nodeOf(name: string): MdnsNode {
  const { name: service, nodes } = vector(packets, name).input as GoService
  const [node] = nodes
  const txt = readDnsMessage(captured('announce')).answers.find(({ data }) => data.type === 'TXT')
  if (node === undefined || txt?.data.type !== 'TXT') throw new Error(`vector '${name}' has no node`)
  const { host: ip, port } = parseAddress(node.address)
  const { strings } = txt.data
  return { service, id: node.id, domain: 'micro', host: 'vm', ip, port, strings, ttlSeconds: 120 }
}

const written = (message: Parameters<typeof writeDnsMessage>[0]) =>
  Buffer.from(writeDnsMessage(message, { compress: false }))

describe('multicast DNS of version 1: the packets are those of 2017 in another domain', () => {
  it('announce, goodbye', () => {
    expect(written(announcement(nodeOf('announce')))).toEqual(captured('announce'))
    expect(written(goodbye(nodeOf('goodbye')))).toEqual(captured('goodbye'))
  })

  it.each(['probe', 'query'])('%s', name => {
    const go = captured(name)
    const node = nodeOf(name)
    const id = go.readUInt16BE(0)
    const ours = name === 'probe' ? probe(node, id) : serviceQuery(node.service, 'micro', id)
    expect(written(ours)).toEqual(go)
  })

  it('what is announced there is read, and the goodbye too', () => {
    const service = serviceFromGo(vector(packets, 'announce').input as GoService)
    expect(reader.read(readDnsMessage(captured('announce'))).known[0]?.record).toEqual(service)
    const { gone } = reader.read(readDnsMessage(captured('goodbye')))
    expect(gone).toEqual([instanceName({ ...nodeOf('goodbye'), domain: 'local' })])
  })
})

/** What a watcher reads from what the node of a service announces. */
function heard(go: GoService) {
  const service = serviceFromGo(go)
  const [node] = publishedNodes(service, undefined, { domain: 'micro', host: 'vm', compression })
  if (node === undefined) return undefined
  return reader.read(readDnsMessage(written(announcement(node)))).known[0]?.record
}

const types = parseProto(`
  syntax = "proto3";
  package golden;
  message HelloRequest { string name = 1; }
  message HelloResponse { string greeting = 1; }
  message Event { string id = 1; int64 timestamp = 2; string message = 3; }
  service Svc {
    rpc Simple (HelloRequest) returns (HelloResponse);
    rpc Streaming (stream HelloRequest) returns (stream HelloResponse);
  }
`)
const definition: ServiceDefinition = types.service('Svc')
const goEndpoint = (name: string) =>
  endpointsFromJson([vector(registrations, name).json])[0] as EndpointRecord

describe('what version 1 registers', () => {
  test.each(['register-go.micro.srv.greeter', 'register-go.micro.http.broker'])('%s is read whole', name => {
    for (const { json } of vectors(registrations, name))
      expect(heard(json as GoService)).toEqual(serviceFromGo(json as GoService))
  })

  it('endpoint-Svc.Simple, endpoint-Svc.Streaming: ours say what those say, in the words of 2017', () => {
    const [simple, streaming] = ['endpoint-Svc.Simple', 'endpoint-Svc.Streaming']
    for (const name of [simple, streaming])
      expect(deliberateDifferences[`${registrations}/${name}`]).toBeDefined()
    const { metadata: _, ...plain } = goEndpoint(simple ?? '')
    expect(endpointRecord(definition['simple'] ?? expect.fail('no method'))).toMatchObject(plain)
    const ours = endpointRecord(definition['streaming'] ?? expect.fail('no method'))
    expect(ours.metadata).toEqual(goEndpoint(streaming ?? '').metadata)
    expect(ours.response?.name).toBe('Streamer')
    expect(goEndpoint(streaming ?? '').response?.name).toBe('Stream')
  })

  it('endpoint-Svc.Complex: a record without the elements of lists is read', () => {
    expect(goEndpoint('endpoint-Svc.Complex').request?.values.length).toBeGreaterThan(3)
  })

  it('a subscriber is shown as version 1 shows it', () => {
    const { endpoints } = vector(registrations, 'register-go.micro.srv.greeter').json as GoService
    const go = endpointsFromJson(endpoints).find(({ name }) => name === 'Func')
    expect(subscriberRecord('Func', 'events', types.type('Event'))).toEqual(go)
  })
})
