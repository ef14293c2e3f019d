/** What one side has said that its peer may send: of one stream, or of all. */
interface Allowance {
  messages: number
  bytes: number
}

interface TappedStream {
  readonly call: boolean
  /** By direction: what may still be sent. */
  readonly left: readonly [Allowance, Allowance]
  readonly ended: [boolean, boolean]
  readonly reset: [boolean, boolean]
  /** Bytes that the message which has begun still lacks. */
  readonly missing: [number, number]
}

const flags = { first: 0x10, end: 0x20, call: 0x40, more: 0x80 }
const unlimited = Number.MAX_SAFE_INTEGER

/**
 * Reads along between two ends and holds what it sees against docs/fast-lane.md, from that text alone: whoever sends what the text forbids makes it throw. Direction 0 is
 * the dialler's. Credit counts from the moment at which it was sent, since the tap sees both directions in the order in which they are carried.
 */
export class FrameTap {
  /** Credit frames that were seen. */
  credits = 0
  messages = 0
  private readonly bytes: [Uint8Array, Uint8Array] = [new Uint8Array(0), new Uint8Array(0)]
  private readonly settings: [number[] | undefined, number[] | undefined] = [undefined, undefined]
  private readonly all: [Allowance, Allowance] = [
    { messages: 0, bytes: 0 },
    { messages: 0, bytes: 0 },
  ]
  private readonly streams = new Map<number, TappedStream>()
  private readonly lastId: [number, number] = [-1, 0]
  private readonly pings: [number, number] = [0, 0]
  private readonly over: [boolean, boolean] = [false, false]

  /** Bytes on their way, cut anywhere. */
  carry(direction: 0 | 1, chunk: Uint8Array): void {
    let rest = new Uint8Array(Buffer.concat([this.bytes[direction], chunk]))
    for (;;) {
      const view = new DataView(rest.buffer, rest.byteOffset, rest.byteLength)
      if (rest.length < 8) break
      const length = view.getUint32(0) & 0xffffff
      if (rest.length < 8 + length) break
      this.frame(direction, view.getUint8(0), view.getUint32(4), rest.subarray(8, 8 + length))
      rest = rest.subarray(8 + length)
    }
    this.bytes[direction] = rest
  }

  private frame(from: 0 | 1, head: number, id: number, payload: Uint8Array): void {
    must(!this.over[from], 'nothing follows a go-away with a code')
    must(payload.length <= 131_072, 'a payload has at most 131,072 bytes')
    const type = head & 15
    must((type === 0) === (this.settings[from] === undefined), 'settings come first, and once')
    const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength)
    if (type === 0) return this.allow(from, view)
    if (type === 1) return this.message(from, head, id, payload, view)
    if (type === 2) return this.end(from, id)
    if (type === 3) return this.reset(from, id)
    if (type === 4) return this.credit(from, id, view)
    if (type === 5) this.pings[from] += 1
    if (type === 6) must((this.pings[1 - from] ?? 0) > 0, 'a pong answers a ping')
    if (type === 6) this.pings[1 - from] = (this.pings[1 - from] ?? 0) - 1
    if (type === 7) this.over[from] = view.getUint32(4) !== 0
  }

  /** What one side says allows the other to send. */
  private allow(from: 0 | 1, view: DataView): void {
    const values: number[] = []
    for (let at = 0; at < view.byteLength; at += 5) values[view.getUint8(at)] = view.getUint32(at + 1)
    this.settings[from] = values
    const other = this.all[1 - from]
    if (other !== undefined) Object.assign(other, { messages: values[6], bytes: values[7] })
  }

  private message(from: 0 | 1, head: number, id: number, payload: Uint8Array, view: DataView): void {
    const first = (head & flags.first) !== 0
    const more = (head & flags.more) !== 0
    const stream = this.streams.get(id) ?? this.open(from, id, (head & flags.call) !== 0)
    must(!stream.reset[from], `stream ${id}: nothing follows its reset`)
    if (!first) return this.piece(from, id, stream, payload.length)
    must(!stream.ended[from], `stream ${id}: nothing follows its end`)
    must(stream.missing[from] === 0, `stream ${id}: a message within another`)
    this.messages += 1
    const length = more ? view.getUint32(0) : payload.length - 2
    const mine = stream.left[from]
    const all = this.all[from]
    for (const { messages, bytes } of [mine, all]) {
      must(messages > 0 && bytes > 0, `stream ${id}: a message begins without credit`)
    }
    for (const allowance of [mine, all]) {
      allowance.messages -= 1
      allowance.bytes -= length
    }
    if ((head & flags.end) !== 0 || stream.call) stream.ended[from] = true
    stream.missing[from] = more ? length - (payload.length - 6) : 0
    must(!more || stream.missing[from] > 0, `stream ${id}: more is said, and nothing is missing`)
  }

  private piece(from: 0 | 1, id: number, stream: TappedStream, length: number): void {
    must(stream.missing[from] >= length && length > 0, `stream ${id}: a piece that belongs to no message`)
    stream.missing[from] -= length
  }

  private end(from: 0 | 1, id: number): void {
    const stream = this.streams.get(id) ?? this.open(from, id, false)
    must(!stream.ended[from] && !stream.reset[from], `stream ${id}: it ends twice`)
    must(stream.missing[from] === 0, `stream ${id}: it ends within a message`)
    stream.ended[from] = true
  }

  private reset(from: 0 | 1, id: number): void {
    const stream = this.streams.get(id)
    must(stream !== undefined, `stream ${id}: a reset of what was never there`)
    if (stream !== undefined) stream.reset[from] = true
  }

  private credit(from: 0 | 1, id: number, view: DataView): void {
    this.credits += 1
    const target = id === 0 ? this.all[1 - from] : this.streams.get(id)?.left[1 - from]
    must(target !== undefined, `stream ${id}: credit for what was never there`)
    if (target === undefined) return
    target.messages += view.getUint32(0)
    target.bytes += view.getUint32(4)
  }

  private open(from: 0 | 1, id: number, call: boolean): TappedStream {
    must(this.settings[1 - from] !== undefined, 'no stream is opened before the settings of the peer')
    must(id % 2 === 1 - from, `stream ${id} is not for direction ${from} to open`)
    must(id > (this.lastId[from] ?? 0), `stream ${id}: ids rise`)
    this.lastId[from] = id
    const left = (direction: 0 | 1): Allowance => {
      const [messages = 0, bytes = 0] = (this.settings[1 - direction] ?? []).slice(4, 6)
      return call ? { messages: 1, bytes: unlimited } : { messages, bytes }
    }
    const stream: TappedStream = {
      call,
      left: [left(0), left(1)],
      ended: [false, false],
      reset: [false, false],
      missing: [0, 0],
    }
    this.streams.set(id, stream)
    return stream
  }
}

function must(holds: boolean, what: string): void {
  if (!holds) throw new Error(`against the specification: ${what}`)
}
