import { defineCommand } from '../command.js'
import { eachUntil } from '../each-until.js'

/** `headrace subscribe` */
export const subscribe = defineCommand({
  name: 'subscribe',
  usage: 'TOPIC',
  words: { least: 1, most: 1 },
  description:
    'Prints the events of a topic, each as a line of JSON, until SIGINT. An event counts as taken when its line has been written, so a slow\n' +
    'reader slows the publisher.',
  examples: ['subscribe orders.placed', 'subscribe orders.placed --queue=billing --count=1'],
  flags: {
    queue: {
      kind: 'text',
      help: 'Share the events with the other subscribers of this queue. Default: get all',
    },
    count: { kind: 'count', help: 'End after so many events. Default: no end' },
  },
  endless: true,
  remote: true,
  async run({ words, flags, out, service, stop, note }) {
    const [topic = ''] = words
    const { queue, count = Infinity } = flags
    const enough = new AbortController()
    const ending = AbortSignal.any([stop, enough.signal])
    const its = await service()
    const listening = its.events.subscribe({
      // Events that are published from now on arrive.
      next: ({ level, text }) => level === 'notice' && void note(text).catch(() => undefined),
      error: () => undefined,
    })
    let left = count
    if (left === 0) return undefined
    try {
      await eachUntil(ending, its.topic(topic, queue === undefined ? {} : { queue }), async event => {
        await out.json(event)
        left -= 1
        if (left === 0) enough.abort()
      })
    } finally {
      listening.unsubscribe()
    }
    return undefined
  },
})
