import type { Socket } from 'node:net'
import { Duplex } from 'node:stream'
import type { UpgradeWatch } from './upgrade-watch.js'

/** So many bytes of answers wait for the end of a turn; beyond that they wait for the socket. */
const maxBatchBytes = 64 * 1_024

/** How long a last answer may take to go out. */
const lingerMs = 250

type Done = (error?: Error | null) => void

/** Takes a connection over that changes to the fast lane: it is paused, and `rest` was read of it already. */
export type TakeOver = (raw: Socket, rest: Uint8Array) => void

/**
 * A connection as Node's http server sees it (it takes any Duplex), with two differences to the socket below: answers of one turn of
 * the event loop go out in one write, where Node makes one for each, and reading can be stopped whatever Node wants.
 */
export class InboxSocket extends Duplex {
  private batch: Buffer[] = []
  private batchBytes = 0
  private flushing: NodeJS.Immediate | undefined
  private afterFlush: Done | undefined
  private stopped = false

  private takenOver = false

  /** With a `watch` the beginning is looked at, and `takeOver` called for a connection that changes to the fast lane: this one is closed then. */
  constructor(
    private readonly raw: Socket,
    private watch?: UpgradeWatch,
    private readonly takeOver?: TakeOver,
  ) {
    super({ allowHalfOpen: true })
    raw.on('data', this.onData).on('end', this.onEnd).on('error', this.onError)
    raw.on('close', this.onClose).on('timeout', this.onTimeout)
  }

  /** While it is `true` nothing is read from the peer; what was read before is still handed on. */
  stopReading(stopped: boolean): void {
    this.stopped = stopped
    if (stopped) this.raw.pause()
    else this.raw.resume()
  }

  /** Node's http server ends idle connections with it. */
  setTimeout(timeoutMs: number, listener?: () => void): this {
    this.raw.setTimeout(timeoutMs)
    if (listener !== undefined) this.once('timeout', listener)
    return this
  }

  /** Node's http server calls it after a last answer. */
  destroySoon(): void {
    this.end(() => this.destroy())
  }

  override _read(): void {
    if (!this.stopped) this.raw.resume()
  }

  override _write(chunk: Buffer, _encoding: string, done: Done): void {
    this.batch.push(chunk)
    this.batchBytes += chunk.length
    // Node hands the next answer over only when the one before was taken: not before the end of the turn are they all here.
    this.flushing ??= setImmediate(this.flush)
    if (this.batchBytes < maxBatchBytes) done()
    else this.afterFlush = done
  }

  override _final(done: Done): void {
    this.flush()
    this.raw.end(() => done())
  }

  override _destroy(error: Error | null, done: Done): void {
    // Node counts a connection as idle when its last answer was taken here, and closes it before that has gone out.
    if (error === null && this.batch.length > 0 && !this.raw.destroyed) {
      this.flush()
      this.raw.destroySoon()
      this.raw.setTimeout(lingerMs, () => this.raw.destroy()) // a publisher that does not read
    } else {
      clearImmediate(this.flushing)
      this.batch = []
      if (!this.takenOver) this.raw.destroy()
    }
    done(error)
  }

  private readonly onData = (chunk: Buffer): void => {
    const beginning = this.watch?.see(chunk) ?? { http: chunk }
    if (beginning === 'unknown') return
    this.watch = undefined
    if ('rest' in beginning) this.handOver(beginning.rest)
    else if (!this.push(beginning.http)) this.raw.pause()
  }

  private readonly onEnd = (): void => {
    const held = this.watch?.takeHeld()
    if (held !== undefined && held.length > 0) this.push(held)
    this.push(null)
  }

  private readonly onError = (error: Error): void => void this.destroy(error)
  private readonly onClose = (): void => void this.destroy()
  private readonly onTimeout = (): void => void this.emit('timeout')

  private handOver(rest: Uint8Array): void {
    const { raw } = this
    raw.pause().setTimeout(0)
    raw.off('data', this.onData).off('end', this.onEnd).off('error', this.onError)
    raw.off('close', this.onClose).off('timeout', this.onTimeout)
    this.takenOver = true
    this.destroy()
    this.takeOver?.(raw, rest)
  }

  private readonly flush = (): void => {
    clearImmediate(this.flushing)
    this.flushing = undefined
    const { raw, batch, afterFlush } = this
    this.batch = []
    this.batchBytes = 0
    this.afterFlush = undefined
    if (batch.length > 0) raw.write(batch.length === 1 && batch[0] ? batch[0] : Buffer.concat(batch))
    if (afterFlush === undefined) return
    if (raw.writableNeedDrain) raw.once('drain', () => afterFlush())
    else afterFlush()
  }
}
