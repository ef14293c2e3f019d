import type { Numbers } from '../measurement.js'
import type { PeerClient, Streams } from '../peers/peer.js'
import type { Scenario } from './scenario.js'

const metrics = [
  { key: 'perSecond', title: 'messages/s', ratio: true },
  { key: 'iteratedPerSecond', title: 'with `for await`', ratio: true },
]

/** So many messages of one stream; one stream follows another. */
const messages = 20_000

/** One request, many messages back. */
export const serverStream: Scenario = {
  name: 'server-stream',
  title: `Server streams of ${messages.toLocaleString('en')} messages of 100 bytes, one after another`,
  metrics,
  size: { full: 400, quick: 50 },
  run: (client, ms) => bothWays(client, ms, streams => streams.serverStream?.(messages)),
}

/** Many messages there, each sent back. */
export const bidi: Scenario = {
  name: 'bidi-stream',
  title: `Bidirectional streams of ${messages.toLocaleString('en')} messages of 100 bytes, each sent back, one after another`,
  metrics,
  size: { full: 400, quick: 50 },
  run: (client, ms) => bothWays(client, ms, streams => streams.bidi?.(messages)),
}

type Run = (streams: Partial<Streams>) => Promise<number> | undefined

/** Subscribed, or however the peer has its streams; then with `for await`, where that is another way. */
function bothWays(client: PeerClient, ms: number, run: Run): Promise<Numbers> | undefined {
  const first = run(client)
  if (first === undefined) return undefined
  return first.then(async () => {
    const { iterated } = client
    const perSecond = await repeated(() => run(client), ms)
    return {
      perSecond,
      iteratedPerSecond: iterated === undefined ? perSecond : await repeated(() => run(iterated), ms),
    }
  })
}

/** Messages per second. */
async function repeated(run: () => Promise<number> | undefined, ms: number): Promise<number> {
  const began = performance.now()
  let count = 0
  while (performance.now() - began < ms) {
    const came = await run()
    if (came !== messages) throw new Error(`${came} of ${messages} messages came`)
    count += messages
  }
  return (count * 1000) / (performance.now() - began)
}
