import type { Socket } from 'node:net'
import { hundredBytes } from '../peer.js'
import type { Codecs } from './codec.js'
import { FrameSocket, kinds } from './frame-socket.js'

/** Serves one connection. */
export function serveSocket(socket: Socket, codecs: Codecs): void {
  const frames = new FrameSocket(socket, (id, kind, bytes, from, to) => {
    switch (kind) {
      case kinds.call: {
        const { name } = codecs.name.read(bytes, from, to)
        return frames.send(id, kind, codecs.greeting, { greeting: `Hello ${name}` })
      }
      case kinds.echo:
        return frames.send(id, kind, codecs.payload, codecs.payload.read(bytes, from, to))
      case kinds.texts:
        return void sendTexts(frames, id, codecs.count.read(bytes, from, to).count, codecs)
      case kinds.event:
        return frames.send(id, kind, codecs.text, codecs.text.read(bytes, from, to))
      case kinds.item: {
        const text = codecs.text.read(bytes, from, to)
        if (id === 0) return // an event that nobody waits for
        frames.send(id, kind, codecs.text, text)
        return frames.pauseUntilDrained()
      }
      case kinds.end:
        return frames.send(id, kind, codecs.count, { count: 0 })
      default: // `echoes` opens a stream; its items are answered as they come
    }
  })
}

async function sendTexts(
  frames: FrameSocket,
  id: number,
  count: number,
  { text, count: end }: Codecs,
): Promise<void> {
  for (let sent = 0; sent < count; sent += 1) {
    frames.send(id, kinds.item, text, { text: hundredBytes })
    if (frames.full) await frames.ready()
  }
  frames.send(id, kinds.end, end, { count: 0 })
}
