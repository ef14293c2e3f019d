import { ServiceError } from '../../streams/index.js'
import {
  recordTypes,
  type DnsData,
  type DnsMessage,
  type DnsQuestion,
  type DnsRecord,
} from './dns-message.js'
import { formatIp } from './ip-address.js'

/** The most questions and records that a message may announce; a message of 64 KiB could hold 13,000 empty questions. */
const maxEntries = 1_024
const longestName = 255
const mostJumps = 127
const lenient = new TextDecoder('utf-8')

/**
 * Reads a message. Records of other types and classes are passed over. Throws `bad_request` that says where the message is
 * damaged: cut short, a name that is too long or points forward, more than 1,024 entries. Never loops.
 */
export function readDnsMessage(bytes: Uint8Array): DnsMessage {
  return new DnsReader(bytes).message()
}

class DnsReader {
  private at = 0
  private readonly view: DataView

  constructor(private readonly bytes: Uint8Array) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  message(): DnsMessage {
    const id = this.uint16()
    const flags = this.uint16()
    const counts = [this.uint16(), this.uint16(), this.uint16(), this.uint16()] as const
    const entries = counts.reduce((sum, each) => sum + each, 0)
    if (entries > maxEntries) throw this.damage(`${entries} entries; at most ${maxEntries} are read`)
    return {
      id,
      response: (flags & 0x8000) !== 0,
      authoritative: (flags & 0x0400) !== 0,
      plain: (flags & 0x7a0f) === 0,
      questions: Array.from({ length: counts[0] }, () => this.question()),
      answers: this.records(counts[1]),
      authorities: this.records(counts[2]),
      additionals: this.records(counts[3]),
    }
  }

  private question(): DnsQuestion {
    const name = this.name()
    const type = this.uint16()
    return { name, type, unicast: (this.uint16() & 0x8000) !== 0 }
  }

  private records(count: number): readonly DnsRecord[] {
    const records: DnsRecord[] = []
    for (let index = 0; index < count; index += 1) {
      const record = this.record()
      if (record !== undefined) records.push(record)
    }
    return records
  }

  private record(): DnsRecord | undefined {
    const name = this.name()
    const type = this.uint16()
    const internet = (this.uint16() & 0x7fff) === 1 // the top bit is the cache-flush bit of RFC 6762
    const ttlSeconds = this.uint16() * 0x1_0000 + this.uint16()
    const end = this.uint16() + this.at
    if (end > this.bytes.length) throw this.damage('a record goes beyond the end')
    const data = internet ? this.data(type, end) : undefined
    this.at = end
    return data === undefined ? undefined : { name, ttlSeconds, data }
  }

  private data(type: number, end: number): DnsData | undefined {
    switch (type) {
      case recordTypes.PTR:
        return { type: 'PTR', target: this.nameWithin(end) }
      case recordTypes.SRV:
        return this.service(end)
      case recordTypes.TXT:
        return { type: 'TXT', strings: this.characterStrings(end) }
      case recordTypes.A:
        return { type: 'A', address: this.address(end, 4) }
      case recordTypes.AAAA:
        return { type: 'AAAA', address: this.address(end, 16) }
      default:
        return undefined
    }
  }

  private service(end: number): DnsData {
    if (this.at + 6 > end) throw this.damage('an SRV record is cut short')
    const [priority, weight, port] = [this.uint16(), this.uint16(), this.uint16()]
    return { type: 'SRV', priority, weight, port, target: this.nameWithin(end) }
  }

  private characterStrings(end: number): readonly string[] {
    const strings: string[] = []
    while (this.at < end) {
      const length = this.bytes[this.at] ?? 0
      const from = this.at + 1
      this.at = from + length
      if (this.at > end) throw this.damage('a TXT string goes beyond its record')
      strings.push(String.fromCharCode(...this.bytes.subarray(from, this.at)))
    }
    return strings
  }

  private address(end: number, size: number): string {
    if (end - this.at !== size) throw this.damage(`an address of ${end - this.at} bytes, not ${size}`)
    return formatIp(this.bytes.subarray(this.at, end))
  }

  private nameWithin(end: number): string {
    const name = this.name()
    if (this.at > end) throw this.damage('a name goes beyond its record')
    return name
  }

  private name(): string {
    const labels: string[] = []
    let size = 1
    let earliest = this.at
    let after: number | undefined
    let jumps = 0
    for (let length = this.byte(); length !== 0; length = this.byte()) {
      if (length >= 0xc0) {
        const target = ((length & 0x3f) << 8) | this.byte()
        after ??= this.at
        // Each jump goes to before all that was read of this name, so a loop is impossible.
        if (target >= earliest || (jumps += 1) > mostJumps)
          throw this.damage('a name points forward, or too often')
        earliest = target
        this.at = target
      } else if (length < 64) {
        labels.push(this.label(length))
        size += length + 1
        if (size > longestName) throw this.damage('a name is longer than 255 bytes')
      } else throw this.damage(`${length} is no length of a label`)
    }
    this.at = after ?? this.at
    return labels.join('.')
  }

  private label(length: number): string {
    const end = this.at + length
    if (end > this.bytes.length) throw this.damage('a name goes beyond the end')
    const label = lenient.decode(this.bytes.subarray(this.at, end))
    this.at = end
    return label
  }

  private byte(): number {
    const byte = this.bytes[this.at]
    if (byte === undefined) throw this.damage('it is cut short')
    this.at += 1
    return byte
  }

  private uint16(): number {
    if (this.at + 2 > this.bytes.length) throw this.damage('it is cut short')
    this.at += 2
    return this.view.getUint16(this.at - 2)
  }

  private damage(what: string): ServiceError {
    return new ServiceError('bad_request', `mdns: damaged DNS message at byte ${this.at}: ${what}`)
  }
}
