import type { SharedStats } from '../../streams/index.js'
import type { Receiver } from './receiver.js'
import type { Sender } from './sender.js'
import type { StreamTable } from './stream-table.js'

/** The numbers of a multiplexer: what {@link SharedStats} says, without what others know. */
export type MuxStats = Omit<SharedStats, 'peer' | 'suspect'>

/** Counts what there is at this moment. Looks at every stream. */
export function muxStats(table: StreamTable, sender: Sender, receiver: Receiver): MuxStats {
  let [calls, queuedBytes, messages, bytes] = [0, sender.output.bytes, 0, 0]
  for (const stream of table.all()) {
    if (stream.call) calls += 1
    queuedBytes += stream.queuedBytes
    messages += stream.heldMessages
    bytes += stream.heldBytes
  }
  return {
    calls,
    channels: table.size - calls,
    queuedBytes,
    sendCredit: { messages: sender.connectionMessages, bytes: sender.connectionBytes },
    receiveCredit: { messages: receiver.mayReceiveMessages, bytes: receiver.mayReceiveBytes },
    unanswered: { messages, bytes },
  }
}
