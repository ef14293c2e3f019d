import type { Socket } from 'node:net'
import { hundredBytes, type PeerClient } from '../peer.js'
import { FrameSocket, kinds, type Frame } from './frame-socket.js'

interface Pending {
  readonly resolve: (value: unknown) => void
  items: number
}

/** Calls over the first socket; events go to as many as there are subscribers. */
export class RawClient implements PeerClient {
  private readonly sockets: readonly FrameSocket[]
  private readonly pending = new Map<number, Pending>()
  private ids = 0

  constructor(sockets: readonly Socket[]) {
    this.sockets = sockets.map(socket => new FrameSocket(socket, frame => this.heard(frame)))
  }

  call(name: string): Promise<unknown> {
    return this.ask(kinds.call, JSON.stringify({ name }))
  }

  echo(payload: string): Promise<unknown> {
    return this.ask(kinds.echo, JSON.stringify({ payload }))
  }

  async serverStream(count: number): Promise<number> {
    return (await this.ask(kinds.texts, JSON.stringify({ count }))) as number
  }

  async bidi(count: number): Promise<number> {
    const done = this.ask(kinds.echoes, 'null')
    const id = this.ids
    for (let sent = 0; sent < count; sent += 1) {
      this.first.send(id, kinds.item, JSON.stringify({ text: hundredBytes }))
      if (this.first.full) await this.first.ready()
    }
    this.first.send(id, kinds.end, 'null')
    return (await done) as number
  }

  publish(subscribers: 1 | 8): Promise<unknown> {
    const text = JSON.stringify({ text: hundredBytes })
    return Promise.all(this.sockets.slice(0, subscribers).map(each => this.ask(kinds.event, text, each)))
  }

  async connections(): Promise<number> {
    return this.sockets.length
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.close()
  }

  private get first(): FrameSocket {
    const [first] = this.sockets
    if (first === undefined) throw new Error('no socket')
    return first
  }

  private ask(kind: number, text: string, socket = this.first): Promise<unknown> {
    this.ids = (this.ids + 1) >>> 0
    const id = this.ids
    return new Promise(resolve => {
      this.pending.set(id, { resolve, items: 0 })
      socket.send(id, kind, text)
    })
  }

  private heard({ id, kind, text }: Frame): void {
    const pending = this.pending.get(id)
    if (pending === undefined) return
    const value: unknown = JSON.parse(text)
    if (kind === kinds.item) {
      pending.items += 1
      return
    }
    this.pending.delete(id)
    pending.resolve(kind === kinds.end ? pending.items : value)
  }
}
