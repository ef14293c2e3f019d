import { allMessages, type HttpBytes } from './http-bytes.js'
import type { RawPeer } from './raw-peer.js'
import { bytesOf, vector } from './vectors.js'

/** An answer of ours, and the one that was captured in its place. */
export interface AnswerPair {
  readonly ours: HttpBytes
  readonly theirs: HttpBytes
}

/** Plays the client of a capture up to its close, step by step, and gives the answers in pairs. */
export async function replay(peer: RawPeer, file: string, name: string): Promise<AnswerPair[]> {
  const answers: AnswerPair[] = []
  for (const segment of vector(file, name).segments ?? []) {
    if (segment.dir === 'client>server') peer.write(bytesOf(segment))
    else if (segment.dir === 'client>server FIN') peer.end()
    else if (segment.dir === 'server>client') {
      for (const theirs of allMessages(bytesOf(segment)).messages)
        answers.push({ ours: await peer.message(), theirs })
    }
  }
  return answers
}
