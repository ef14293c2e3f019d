import { askNodes, type NodeAnswer } from '../ask-nodes.js'
import { defineCommand } from '../command.js'
import { exitCodes } from '../exit-codes.js'

/** What Debug.Stats says; Go leaves out what is zero. */
interface Stats {
  /** Seconds since 1970. */
  readonly started?: number
  /** Seconds. */
  readonly uptime?: number
  /** Bytes. */
  readonly memory?: number
  readonly threads?: number
  /** Nanoseconds in all. */
  readonly gc?: number
}

/** `headrace stats` */
export const stats = defineCommand({
  name: 'stats',
  usage: 'NAME',
  words: { least: 1, most: 1 },
  description:
    'Asks each node of a service for its numbers (Debug.Stats, which services of headrace and go-micro answer): since when it runs, the\n' +
    'memory it uses, what keeps it busy (goroutines in Go), and the time spent on garbage collection. The exit code is 4 when a node does\n' +
    'not answer. With --json: a list of { id, version, address, stats }, with error instead of stats.',
  examples: ['stats greeter'],
  flags: {},
  remote: true,
  async run(context) {
    const { words, flags, out } = context
    const answers = await askNodes<Stats>(context, words[0] ?? '', 'Debug.Stats')
    if (flags.json === true) await out.json(answers.map(asJson))
    else {
      const heading = ['NODE', 'VERSION', 'ADDRESS', 'STARTED', 'UPTIME', 'MEMORY', 'THREADS', 'GC']
      await out.table(heading, answers.map(rowOf))
    }
    return answers.every(({ error }) => error === undefined) ? exitCodes.done : exitCodes.unavailable
  },
})

function rowOf({ node, answer = {}, error }: NodeAnswer<Stats>): readonly string[] {
  const who = [node.id, node.version, node.address]
  if (error !== undefined) return [...who, error.detail]
  const { started = 0, uptime = 0, memory = 0, threads = 0, gc = 0 } = answer
  return [
    ...who,
    new Date(Number(started) * 1_000).toISOString().replace('.000', ''),
    showSeconds(Number(uptime)),
    `${(Number(memory) / 2 ** 20).toFixed(1)} MiB`,
    String(threads),
    `${(Number(gc) / 1e6).toFixed(1)} ms`,
  ]
}

/** As Go writes a duration: `1h2m3s`. */
function showSeconds(seconds: number): string {
  const [hours, minutes] = [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60]
  return `${hours > 0 ? `${hours}h` : ''}${seconds >= 60 ? `${minutes}m` : ''}${seconds % 60}s`
}

function asJson({ node, answer, error }: NodeAnswer<Stats>): unknown {
  const { id, version, address } = node
  return { id, version, address, stats: answer, error: error?.toJSON() }
}
