import { ServiceError } from '../../streams/index.js'
import {
  recordTypes,
  type DnsData,
  type DnsMessage,
  type DnsQuestion,
  type DnsRecord,
} from './dns-message.js'
import { parseIp } from './ip-address.js'

/** Whether names that came before are replaced by pointers. Go's answers have pointers, its announcements have none. */
export interface DnsWriting {
  readonly compress: boolean
}

const classIn = 1
const unicastBit = 0x8000
const farthestPointer = 0x3fff

/** The bytes of a message. Throws `bad_request` for a name, a text or an address that DNS cannot hold. */
export function writeDnsMessage(message: DnsMessage, { compress }: DnsWriting): Uint8Array {
  const writer = new DnsWriter(compress)
  writer.uint16(message.id)
  writer.uint16((message.response ? 0x8000 : 0) | (message.authoritative ? 0x0400 : 0))
  const sections = [message.answers, message.authorities, message.additionals]
  for (const { length } of [message.questions, ...sections]) writer.uint16(length)
  for (const question of message.questions) writer.question(question)
  for (const record of sections.flat()) writer.record(record)
  return writer.bytes()
}

/** Throws `bad_request` for a name that DNS cannot hold. */
export function checkDnsName(name: string): void {
  labelsOf(name)
}

class DnsWriter {
  private buffer = Buffer.alloc(1_024)
  private length = 0
  /** Where each name, or end of a name, was written first. */
  private readonly places = new Map<string, number>()

  constructor(private readonly compress: boolean) {}

  bytes(): Uint8Array {
    return new Uint8Array(this.buffer.subarray(0, this.length))
  }

  uint16(value: number): void {
    this.reserve(2)
    this.put(this.length, value)
    this.length += 2
  }

  question({ name, type, unicast }: DnsQuestion): void {
    this.name(name, this.compress)
    this.uint16(type)
    this.uint16(classIn | (unicast ? unicastBit : 0))
  }

  record({ name, ttlSeconds, data }: DnsRecord): void {
    this.name(name, this.compress)
    this.uint16(recordTypes[data.type])
    this.uint16(classIn)
    this.uint16(Math.floor(ttlSeconds / 0x1_0000))
    this.uint16(ttlSeconds % 0x1_0000)
    const lengthAt = this.length
    this.uint16(0)
    this.data(data)
    this.patchLength(lengthAt)
  }

  private data(data: DnsData): void {
    switch (data.type) {
      case 'PTR':
        return this.name(data.target, this.compress)
      case 'SRV':
        for (const value of [data.priority, data.weight, data.port]) this.uint16(value)
        return this.name(data.target, false) // RFC 2782: a target is not compressed
      case 'TXT':
        for (const text of data.strings) this.characterString(text)
        return undefined
      default:
        return this.append(parseIp(data.address))
    }
  }

  private patchLength(at: number): void {
    const length = this.length - at - 2
    if (length > 0xffff)
      throw new ServiceError('bad_request', `mdns: a record of ${length} bytes does not fit DNS`)
    this.put(at, length)
  }

  private characterString(text: string): void {
    if (text.length > 255)
      throw new ServiceError('bad_request', `mdns: a TXT string of ${text.length} bytes; at most 255 fit`)
    this.text(text, text.length, 'latin1')
  }

  private name(name: string, mayPoint: boolean): void {
    let rest = name
    for (const { label, bytes } of labelsOf(name)) {
      const place = this.places.get(rest)
      if (mayPoint && place !== undefined) return this.uint16(0xc000 | place)
      if (this.compress && place === undefined && this.length <= farthestPointer)
        this.places.set(rest, this.length)
      this.text(label, bytes, 'utf8')
      rest = rest.slice(rest.indexOf('.') + 1)
    }
    this.append([0])
  }

  /** Two bytes at a place that is reserved. */
  private put(at: number, value: number): void {
    this.buffer[at] = value >> 8
    this.buffer[at + 1] = value
  }

  /** A text behind its length. */
  private text(text: string, bytes: number, encoding: 'latin1' | 'utf8'): void {
    this.reserve(1 + bytes)
    this.buffer[this.length] = bytes
    this.buffer.write(text, this.length + 1, encoding)
    this.length += 1 + bytes
  }

  private append(bytes: ArrayLike<number>): void {
    this.reserve(bytes.length)
    this.buffer.set(bytes, this.length)
    this.length += bytes.length
  }

  private reserve(bytes: number): void {
    if (this.length + bytes <= this.buffer.length) return
    this.buffer = Buffer.concat([this.buffer], 2 * (this.length + bytes))
  }
}

/** The parts between the dots, with how many bytes each takes. */
function labelsOf(name: string): readonly { readonly label: string; readonly bytes: number }[] {
  const labels = name.split('.').map(label => ({ label, bytes: Buffer.byteLength(label) }))
  const total = labels.reduce((sum, { bytes }) => sum + bytes + 1, 1)
  if (labels.every(({ bytes }) => bytes > 0 && bytes < 64) && total < 256) return labels
  throw new ServiceError(
    'bad_request',
    `mdns: '${name}' is no DNS name; the parts between its dots must have 1 to 63 bytes, the whole at most 255`,
  )
}
