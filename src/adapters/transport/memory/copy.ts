import type { Message } from '../../../streams/index.js'

/** What a peer in another process would get: the same text and bytes in memory of its own. */
export function copyOf({ headers, body }: Message): Message {
  return { headers: { ...headers }, body: body.slice() }
}
