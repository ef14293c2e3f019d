import { hundredBytes } from '../peer.js'
import { kinds, type Frame, type FrameSocket } from './frame-socket.js'

/** Answers one frame. */
export async function answer(frames: FrameSocket, { id, kind, text }: Frame): Promise<void> {
  switch (kind) {
    case kinds.call: {
      const { name } = JSON.parse(text) as { name: string }
      return frames.send(id, kind, JSON.stringify({ greeting: `Hello ${name}` }))
    }
    case kinds.texts: {
      const { count } = JSON.parse(text) as { count: number }
      for (let sent = 0; sent < count; sent += 1) {
        frames.send(id, kinds.item, JSON.stringify({ text: hundredBytes }))
        if (frames.full) await frames.ready()
      }
      return frames.send(id, kinds.end, 'null')
    }
    case kinds.echoes: // opens a stream; its items are answered as they come
      return
    case kinds.end:
      return frames.send(id, kind, 'null')
    default:
      return frames.send(id, kind, JSON.stringify(JSON.parse(text)))
  }
}
