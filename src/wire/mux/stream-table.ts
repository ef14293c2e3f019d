import { lastStreamId } from './frames.js'
import { IdTable } from './id-table.js'
import type { MuxStream } from './stream.js'

/** The streams of one connection. The side that dialled opens odd ids, the other even ones. */
export class StreamTable {
  /** The highest id that the peer has opened. */
  highestPeerId = 0
  /** Streams that were opened on this side and are not over. */
  ownOpen = 0
  /** Streams that the peer has opened and that are not over. */
  peerOpen = 0
  /** The bytes of requests whose calls have no answer yet. */
  callBytes = 0
  private nextId: number
  private readonly started = new IdTable<MuxStream>()
  private readonly waiting = new Set<MuxStream>()

  constructor(private readonly dialled: boolean) {
    this.nextId = dialled ? 1 : 2
  }

  /** Whether a further id is left. */
  get hasIds(): boolean {
    return this.nextId <= lastStreamId
  }

  get size(): number {
    return this.ownOpen + this.peerOpen
  }

  get(id: number): MuxStream | undefined {
    return this.started.get(id)
  }

  /** Whether the peer opens streams with this id. */
  isPeers(id: number): boolean {
    return (id & 1) === (this.dialled ? 0 : 1)
  }

  /** Whether a stream of this side has had this id. */
  wasOwn(id: number): boolean {
    return id < this.nextId
  }

  /** A stream of this side that has no id yet. */
  addWaiting(stream: MuxStream): void {
    this.waiting.add(stream)
  }

  /** Gives a stream of this side its id. */
  start(stream: MuxStream): void {
    if (this.waiting.size > 0) this.waiting.delete(stream)
    stream.id = this.nextId
    this.nextId += 2
    this.started.add(stream)
  }

  /** Takes in a stream that the peer has opened. */
  accept(stream: MuxStream, id: number): void {
    stream.id = id
    this.highestPeerId = id
    this.peerOpen += 1
    this.started.add(stream)
  }

  delete(stream: MuxStream): void {
    if (stream.own) this.ownOpen -= 1
    else this.peerOpen -= 1
    if (stream.id === 0) this.waiting.delete(stream)
    else this.started.delete(stream.id)
  }

  /** All of them, as they are now. */
  all(): readonly MuxStream[] {
    return [...this.started.all(), ...this.waiting]
  }
}
