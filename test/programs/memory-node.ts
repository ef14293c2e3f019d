import { map } from 'rxjs'
import { bidi, clientStream, createService, serverStream, work, type Flow } from 'headrace'
import { createOrderCheck, sampleMemory, slowly, type Numbered } from './memory-parts.js'

/** The serving side of the proof that memory stays bounded: it is asked for streams, sends streams to be slow with, and handles a topic. */
const service = createService({ name: 'memory' })
let asked = 0
const topic = createOrderCheck()

service.handle({
  Memory: {
    Down: serverStream(function* ({ count, text }: { count: number; text: string }) {
      for (let n = 0; n < count; n += 1) {
        asked = n + 1
        yield { n, text }
      }
    }),
    Up: clientStream((requests: Flow<Numbered>) => {
      const check = createOrderCheck()
      const slow = requests.pipe(
        map(({ n }) => n),
        work(n => slowly(n, () => check.see(n)), 1),
      )
      return new Promise((resolve, reject) =>
        slow.subscribe({ error: reject, complete: () => resolve(check.result()) }),
      )
    }),
    Warm: bidi((requests: Flow<Numbered>) => requests),
    Topic: () => topic.result(),
    Sample: () => ({ rss: sampleMemory(), asked }),
  },
})
service.subscribe(`${service.name}.warm`, () => undefined)
service.subscribe(`${service.name}.numbers`, ({ n }: Numbered) => slowly(n, () => topic.see(n)))
await service.run()
