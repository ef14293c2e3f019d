import type { Socket } from 'node:net'
import { hundredBytes, type PeerClient, type Subscribers } from '../peer.js'
import type { Codec, Codecs } from './codec.js'
import { FrameSocket, kinds } from './frame-socket.js'

interface Pending {
  readonly codec: Codec<unknown>
  readonly resolve: (value: unknown) => void
  items: number
  /** Hears of the first item. */
  readonly began?: () => void
}

/** Calls and streams over the first socket; events go to as many as there are subscribers. */
export class RawClient implements PeerClient {
  private readonly sockets: readonly FrameSocket[]
  private readonly first: FrameSocket
  private readonly pending = new Map<number, Pending>()
  private readonly event = { text: hundredBytes }
  private ids = 0

  constructor(
    sockets: readonly [Socket, ...Socket[]],
    private readonly codecs: Codecs,
  ) {
    const [first, ...others] = sockets
    this.first = this.framesOf(first)
    this.sockets = [this.first, ...others.map(socket => this.framesOf(socket))]
  }

  call(name: string): Promise<{ greeting: string }> {
    return this.ask(kinds.call, this.codecs.name, { name }, this.codecs.greeting)
  }

  echo(payload: string): Promise<unknown> {
    return this.ask(kinds.echo, this.codecs.payload, { payload }, this.codecs.payload)
  }

  serverStream(count: number): Promise<number> {
    return this.ask(kinds.texts, this.codecs.count, { count }, this.codecs.text)
  }

  async bidi(count: number): Promise<number> {
    const done = this.ask<unknown, number>(kinds.echoes, this.codecs.count, { count }, this.codecs.text)
    const id = this.ids
    for (let sent = 0; sent < count; sent += 1) {
      this.first.send(id, kinds.item, this.codecs.text, { text: hundredBytes })
      if (this.first.full) await this.first.ready()
    }
    this.end(this.first, id)
    return done
  }

  publish(subscribers: Subscribers): Promise<unknown> {
    if (subscribers === 1) return this.askEvent(this.first)
    return Promise.all(this.sockets.slice(0, subscribers).map(socket => this.askEvent(socket)))
  }

  async publishMany(subscribers: Subscribers, count: number): Promise<unknown> {
    const to = this.sockets.slice(0, subscribers)
    const { text } = this.codecs
    const bytes = Buffer.allocUnsafe(text.most(this.event))
    for (let sent = 0; sent < count; sent += 1) {
      text.most(this.event)
      const body = bytes.subarray(0, text.write(this.event, bytes, 0))
      for (const socket of to) socket.sendBytes(0, kinds.item, body)
      if (to.some(({ full }) => full)) await Promise.all(to.map(socket => socket.ready()))
    }
    return Promise.all(to.map(socket => this.askEvent(socket)))
  }

  async openStreams(count: number): Promise<void> {
    const open = () =>
      new Promise<void>(began => {
        const id = this.pend(this.codecs.text, () => undefined, began)
        this.first.send(id, kinds.echoes, this.codecs.count, { count: 0 })
        this.first.send(id, kinds.item, this.codecs.text, this.event)
      })
    await Promise.all(Array.from({ length: count }, open))
  }

  async connections(): Promise<number> {
    return this.sockets.length
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.close()
  }

  private framesOf(socket: Socket): FrameSocket {
    return new FrameSocket(socket, (id, kind, bytes, from, to) => this.heard(id, kind, bytes, from, to))
  }

  private askEvent(socket: FrameSocket): Promise<unknown> {
    return this.ask(kinds.event, this.codecs.text, this.event, this.codecs.text, socket)
  }

  private end(socket: FrameSocket, id: number): void {
    socket.send(id, kinds.end, this.codecs.count, { count: 0 })
  }

  private ask<T, R>(
    kind: number,
    codec: Codec<T>,
    value: T,
    answer: Codec<unknown>,
    socket = this.first,
  ): Promise<R> {
    return new Promise<R>(resolve => {
      const id = this.pend(answer, resolve as (value: unknown) => void)
      socket.send(id, kind, codec, value)
    })
  }

  private pend(codec: Codec<unknown>, resolve: (value: unknown) => void, began?: () => void): number {
    this.ids = (this.ids + 1) >>> 0
    this.pending.set(this.ids, { codec, resolve, items: 0, ...(began && { began }) })
    return this.ids
  }

  private heard(id: number, kind: number, bytes: Buffer, from: number, to: number): void {
    const pending = this.pending.get(id)
    if (pending === undefined) return
    if (kind === kinds.item) {
      pending.codec.read(bytes, from, to)
      pending.items += 1
      pending.began?.()
      return
    }
    this.pending.delete(id)
    pending.resolve(kind === kinds.end ? pending.items : pending.codec.read(bytes, from, to))
  }
}
