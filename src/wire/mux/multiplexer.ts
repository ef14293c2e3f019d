import { ServiceError, type Message } from '../../streams/index.js'
import { Debts } from './debts.js'
import { FrameReader, uint32 } from './frame-reader.js'
import { frameType, resetCode } from './frames.js'
import type { MuxLimits } from './limits.js'
import { Liveness } from './liveness.js'
import { muxStats, type MuxStats } from './mux-stats.js'
import { PeerBudget } from './peer-budget.js'
import { Receiver } from './receiver.js'
import { Violation, codeOf, errorOfReset, isRefusal, readReason, violation } from './reasons.js'
import { Sender } from './sender.js'
import { readFirst, writeSettings, type PeerSettings } from './settings.js'
import type { MuxEvents } from './mux-events.js'
import { MuxStream, type StreamFailure, type StreamHandler } from './stream.js'
import { StreamTable } from './stream-table.js'

/**
 * Many calls and streams over one ordered pipe (docs/fast-lane.md): bytes in, events out; commands in, bytes out. It knows no
 * sockets and no time. The peer's bytes never make it throw.
 */
export class Multiplexer {
  private readonly table: StreamTable
  private readonly sender: Sender
  private readonly receiver: Receiver
  private readonly reader: FrameReader
  private readonly liveness: Liveness
  private readonly debts: Debts
  private readonly budget: PeerBudget
  private over = false

  constructor(
    dialled: boolean,
    private readonly limits: MuxLimits,
    private readonly events: MuxEvents,
  ) {
    this.table = new StreamTable(dialled)
    this.sender = new Sender(this.table, limits.fragmentBytes, {
      output: () => this.events.output(),
      plenty: () => this.events.plenty(),
      ended: stream => this.finishIfDone(stream),
    })
    this.receiver = new Receiver(this.table, limits, {
      opened: stream => this.accept(stream),
      owes: stream => this.debts.owe(stream),
      ended: stream => this.finishIfDone(stream),
      misused: (stream, error) => this.misused(stream, error),
      refused: (id, reason) => this.answer(frameType.reset, id, [resetCode.refused], reason),
    })
    this.debts = new Debts(this.sender, this.receiver)
    this.reader = new FrameReader((head, id, bytes, start, end) => this.frame(head, id, bytes, start, end))
    this.liveness = new Liveness(limits)
    this.budget = new PeerBudget(limits)
    const settings = writeSettings(limits)
    this.sender.output.frame(frameType.settings, settings.length, 0)
    this.sender.output.raw(settings)
  }

  /** How many streams may be opened now. */
  get room(): number {
    const { peer, closed } = this.sender
    if (peer === undefined || closed || this.over || !this.table.hasIds) return 0
    return Math.max(0, peer.maxStreams - this.table.ownOpen)
  }

  /** How many streams are open, of both sides. */
  get streams(): number {
    return this.table.size
  }

  /** The numbers of this moment. Looks at every stream. */
  get stats(): MuxStats {
    return muxStats(this.table, this.sender, this.receiver)
  }

  /** Whether what waits to be taken is so little that more should join it. */
  get wantsMore(): boolean {
    return this.sender.wantsMore
  }

  /** Whether the pipe takes bytes: while it does not, messages wait in their streams. */
  set writable(writable: boolean) {
    // A peer that takes what was sent is there, also while a ping waits behind it.
    if (writable && !this.sender.writable) this.heard()
    this.sender.writable = writable
  }

  /** A stream of this side. Throws when there is no room: that is a bug of the caller. */
  open(handler: StreamHandler, call: boolean): MuxStream {
    const { peer } = this.sender
    if (peer === undefined || this.room === 0) {
      throw new ServiceError('internal', 'no further stream may be opened: look at room before')
    }
    const stream = new MuxStream(call, true)
    stream.handler = handler
    this.table.ownOpen += 1
    stream.allow(peer, this.limits)
    if (!call) this.table.addWaiting(stream)
    return stream
  }

  /** Sends a message, with `last` as the last of its direction. Throws `resource_exhausted` when the peer takes none as large. */
  send(stream: MuxStream, message: Message, last: boolean): void {
    this.sender.send(stream, message, last)
  }

  /** Nothing more is sent on the stream; what was sent goes out before. */
  end(stream: MuxStream): void {
    this.sender.end(stream)
  }

  /** Gives a stream up; the peer is told unless it never heard of it. Its handler is not called any more. */
  reset(stream: MuxStream, code: number, reason: string): void {
    if (stream.over) return
    if (stream.id !== 0) this.sender.control(frameType.reset, stream.id, [code], reason)
    this.remove(stream)
  }

  /** The consumer is done with messages of a stream: the peer may send more. */
  consumed(stream: MuxStream, messages: number, bytes: number): void {
    this.receiver.consumed(stream, messages, bytes)
  }

  /** Bytes of the peer, cut anywhere. */
  receive(chunk: Uint8Array): void {
    if (this.over) return
    this.heard()
    try {
      this.reader.push(chunk)
    } catch (failure) {
      // What a handler throws is a bug on this side and goes through.
      if (!(failure instanceof ServiceError)) throw failure
      this.fail(failure)
    }
  }

  /** The bytes that go out, about `budget` of them at most when there are many. They are never changed afterwards. */
  take(budget: number): readonly Uint8Array[] {
    this.budget.taken()
    this.debts.pay()
    return this.sender.take(budget)
  }

  /** The bytes that are written already; calls nobody back. */
  takeWritten(): readonly Uint8Array[] {
    return this.sender.output.take()
  }

  /** Tells the peer that streams beyond those it has opened are not taken, and opens none. */
  goAway(): void {
    if (this.receiver.closed || this.over) return
    this.receiver.closed = true
    this.sender.closed = true
    this.sender.control(frameType.goAway, 0, [this.table.highestPeerId, resetCode.cancelled])
  }

  /** To be called now and then with the time in milliseconds: asks a silent peer, and gives it up. */
  tick(now: number): void {
    if (this.over) return
    this.budget.tick(now)
    const verdict = this.liveness.tick(now, this.table.size > 0)
    if (verdict === 'ask') this.sender.control(frameType.ping, 0, [0, 0])
    if (verdict === 'suspect') this.suspect()
    if (verdict !== 'dead') return
    const { deadAfterMs } = this.limits
    this.fail(new ServiceError('unavailable', `the peer did not answer within ${deadAfterMs} ms`))
  }

  /** The pipe is gone: every stream that is left breaks with `error`. */
  lost(error: ServiceError): void {
    if (this.over) return
    this.over = true
    this.reader.stop()
    this.breakAll(error)
  }

  private heard(): void {
    if (this.liveness.heard() && !this.over) this.events.suspected(false)
  }

  private suspect(): void {
    this.events.suspected(true)
    for (const stream of this.table.all()) if (!stream.over) stream.handler?.suspected?.()
  }

  private fail(error: ServiceError): void {
    if (this.over) return
    const code = error instanceof Violation ? error.reason : codeOf(error)
    this.over = true
    this.reader.stop()
    this.sender.control(frameType.goAway, 0, [this.table.highestPeerId, code], error.message)
    this.breakAll(error)
    this.events.failed(error)
  }

  private breakAll(error: ServiceError): void {
    for (const stream of this.table.all()) this.breakOff(stream, { error, sent: stream.id !== 0 })
  }

  private frame(head: number, id: number, bytes: Uint8Array, start: number, end: number): void {
    const type = head & 0x0f
    if (this.sender.peer === undefined) return this.begin(readFirst(type, bytes, start, end))
    switch (type) {
      case frameType.message:
        return this.receiver.message(head, id, bytes, start, end)
      case frameType.end:
        return this.receiver.end(id)
      case frameType.reset:
        return this.wasReset(id, bytes, start, end)
      case frameType.credit:
        return this.gotCredit(id, bytes, start, end)
      case frameType.ping:
        if (end - start !== 8) throw violation('a ping is not of eight bytes')
        return this.answer(frameType.pong, 0, [uint32(bytes, start), uint32(bytes, start + 4)])
      case frameType.goAway:
        return this.wentAway(bytes, start, end)
      case frameType.settings:
        throw violation('settings came twice')
      default: // a pong has said what it says by coming; what is unknown is of a later version
    }
  }

  private begin(settings: PeerSettings): void {
    this.sender.allow(settings)
    this.events.ready()
  }

  private accept(stream: MuxStream): StreamHandler {
    stream.allow(this.sender.peer, this.limits)
    return this.events.opened(stream)
  }

  private wasReset(id: number, bytes: Uint8Array, start: number, end: number): void {
    const stream = this.table.get(id)
    if (stream === undefined) return
    if (!stream.own) this.budget.reset()
    const code = end - start >= 4 ? uint32(bytes, start) : resetCode.protocol
    const error = errorOfReset(code, readReason(bytes, start + 4, end))
    this.breakOff(stream, { error, sent: !isRefusal(code) })
  }

  private gotCredit(id: number, bytes: Uint8Array, start: number, end: number): void {
    if (end - start < 8) throw violation('credit without its numbers')
    const stream = this.table.get(id)
    if (id === 0 || stream !== undefined)
      this.sender.credit(stream, uint32(bytes, start), uint32(bytes, start + 4))
  }

  private wentAway(bytes: Uint8Array, start: number, end: number): void {
    const last = end - start >= 8 ? uint32(bytes, start) : 0
    const reason = readReason(bytes, start + 8, end)
    this.sender.closed = true
    const error = errorOfReset(resetCode.refused, reason === '' ? 'the peer stops' : reason)
    for (const stream of this.table.all()) {
      if (stream.own && (stream.id === 0 || stream.id > last)) this.breakOff(stream, { error, sent: false })
    }
    this.events.goneAway()
  }

  /** An answer to what the peer sent. One that asks and does not read is given up. */
  private answer(type: number, id: number, numbers: readonly number[], reason = ''): void {
    this.budget.answered()
    this.sender.control(type, id, numbers, reason)
  }

  private misused(stream: MuxStream, error: Violation): void {
    this.budget.reset()
    this.answer(frameType.reset, stream.id, [error.reason], error.message)
    this.breakOff(stream, { error, sent: true })
  }

  private finishIfDone(stream: MuxStream): void {
    if (stream.over || !stream.endWritten || !stream.peerEnded || stream.assembly !== undefined) return
    this.remove(stream)
    stream.handler?.over()
  }

  private breakOff(stream: MuxStream, failure: StreamFailure): void {
    if (stream.over) return
    const { handler } = stream
    this.remove(stream)
    handler?.broken(failure)
  }

  private remove(stream: MuxStream): void {
    stream.over = true
    this.sender.forget(stream)
    this.receiver.forget(stream)
    this.table.delete(stream)
    if (this.table.size === 0) this.events.idle()
  }
}
