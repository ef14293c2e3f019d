import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ServiceError, type ServiceRecord, type ValueRecord } from 'headrace/streams'
import { NodeReader } from '../../src/adapters/registry/mdns/known-nodes.js'
import { publishedNodes } from '../../src/adapters/registry/mdns/published-nodes.js'
import { zlibCompression } from '../../src/adapters/zlib-compression.js'
import { answersTo } from '../../src/wire/mdns/answers.js'
import type { DnsData, DnsMessage, DnsRecord } from '../../src/wire/mdns/dns-message.js'
import { readDnsMessage } from '../../src/wire/mdns/dns-reader.js'
import { writeDnsMessage } from '../../src/wire/mdns/dns-writer.js'
import { formatIp } from '../../src/wire/mdns/ip-address.js'
import { announcement, serviceQuery } from '../../src/wire/mdns/node-packets.js'

const uint16 = fc.nat(0xffff)
const label = fc.oneof(
  fc.constantFrom('local', 'greeter', '_services', 'topic:x', 'grüße'),
  fc.stringMatching(/^[a-z0-9:_-]{1,20}$/),
)
const name = fc.array(label, { minLength: 1, maxLength: 5 }).map(labels => labels.join('.'))
const ip = (size: number) => fc.uint8Array({ minLength: size, maxLength: size }).map(bytes => formatIp(bytes))
const latin1 = fc.uint8Array({ maxLength: 255 }).map(bytes => Buffer.from(bytes).toString('latin1'))
const data: fc.Arbitrary<DnsData> = fc.oneof(
  fc.record({ type: fc.constant('PTR' as const), target: name }),
  fc.record({
    type: fc.constant('SRV' as const),
    priority: uint16,
    weight: uint16,
    port: uint16,
    target: name,
  }),
  fc.record({ type: fc.constant('TXT' as const), strings: fc.array(latin1, { maxLength: 4 }) }),
  fc.record({ type: fc.constant('A' as const), address: ip(4) }),
  fc.record({ type: fc.constant('AAAA' as const), address: ip(16) }),
)
const records: fc.Arbitrary<readonly DnsRecord[]> = fc.array(
  fc.record({ name, ttlSeconds: fc.nat(0xffff_ffff), data }),
  { maxLength: 5 },
)
const message: fc.Arbitrary<DnsMessage> = fc.record({
  id: uint16,
  response: fc.boolean(),
  authoritative: fc.boolean(),
  plain: fc.constant(true),
  questions: fc.array(fc.record({ name, type: uint16, unicast: fc.boolean() }), { maxLength: 5 }),
  answers: records,
  authorities: records,
  additionals: records,
})

test('a message is read as it was written, compressed or not', () => {
  fc.assert(
    fc.property(message, fc.boolean(), (written, compress) => {
      expect(readDnsMessage(writeDnsMessage(written, { compress }))).toEqual(written)
    }),
    { numRuns: 300 },
  )
})

test('compression never makes a message longer', () => {
  fc.assert(
    fc.property(message, written => {
      const [short, long] = [true, false].map(compress => writeDnsMessage(written, { compress }).length)
      expect(short).toBeLessThanOrEqual(long ?? 0)
    }),
    { numRuns: 100 },
  )
})

test('any bytes, and any damage to a message, are a message or a bad_request', () => {
  const damaged = fc
    .tuple(message, fc.boolean(), fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 6 }), fc.nat())
    .map(([written, compress, changes, cut]) => {
      const bytes = writeDnsMessage(written, { compress })
      for (const [at, byte] of changes) bytes[at % bytes.length] = byte
      return cut % 3 === 0 ? bytes.subarray(0, cut % (bytes.length + 1)) : bytes
    })
  fc.assert(
    fc.property(fc.oneof(damaged, fc.uint8Array({ maxLength: 200 })), bytes => {
      try {
        readDnsMessage(bytes)
      } catch (error) {
        expect(error).toBeInstanceOf(ServiceError)
        expect(error).toMatchObject({ kind: 'bad_request' })
      }
    }),
    { numRuns: 2_000 },
  )
})

const metadata = fc.dictionary(fc.string({ maxLength: 10 }), fc.string({ maxLength: 20 }), { maxKeys: 4 })
function value(levels: number): fc.Arbitrary<ValueRecord> {
  const values = levels === 1 ? fc.constant([]) : fc.array(value(levels - 1), { maxLength: 3 })
  return fc.record({ name: fc.string(), type: fc.string(), values })
}
const endpoint = fc.record({
  name: fc.string(),
  request: fc.option(value(3), { nil: undefined }),
  response: fc.option(value(2), { nil: undefined }),
  metadata,
})
const service: fc.Arbitrary<ServiceRecord> = fc.record({
  name,
  version: fc.string({ minLength: 1 }),
  metadata: fc.constant({}),
  endpoints: fc.array(endpoint, { maxLength: 4 }),
  nodes: fc
    .tuple(name, fc.oneof(ip(4), ip(16)), fc.integer({ min: 1, max: 65_535 }), metadata)
    .map(([id, host, port, said]) => [
      { id, address: host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`, metadata: said },
    ]),
})

test('a node is heard as it was registered, announced or answered', () => {
  const compression = zlibCompression('mdns', 65_536)
  const reader = new NodeReader(['local'], compression, error => expect.fail(error.message))
  fc.assert(
    fc.property(service, record => {
      fc.pre(record.name !== '_services')
      const nodes = publishedNodes(record, undefined, { domain: 'local', host: 'vm', compression })
      const query = serviceQuery(record.name, 'local', 1)
      for (const sent of [...nodes.map(announcement), ...answersTo(query, nodes, ['local'])]) {
        const bytes = writeDnsMessage(sent, { compress: sent.authoritative })
        expect(reader.read(readDnsMessage(bytes)).known.map(known => known.record)).toEqual([record])
      }
    }),
    { numRuns: 200 },
  )
})
