import { ServiceError } from '../../streams/index.js'
import { defineCommand } from '../command.js'
import { exitCodes } from '../exit-codes.js'
import { printable } from '../output.js'
import { readAll } from '../read-all.js'
import { readJson } from '../read-json.js'

/** `headrace publish` */
export const publish = defineCommand({
  name: 'publish',
  usage: 'TOPIC JSON',
  words: { least: 2, most: 2 },
  description:
    'Publishes one event and prints what became of it at each subscriber. With - the event is read from standard input. It is no failure\n' +
    'that nobody listens; a subscriber that could not take the event is one. With --json: a list of reports.',
  examples: [`publish orders.placed '{"id": 7}'`],
  flags: {
    metadata: { kind: 'pairs', help: 'Metadata of the event, key=value, repeatable' },
  },
  remote: true,
  async run({ words, flags, out, shell, service }) {
    const [topic = '', text = ''] = words
    const event = readJson(text === '-' ? await readAll(shell.lines) : text, 'the event')
    const { metadata } = flags
    const options = metadata === undefined ? {} : { metadata }
    const reports = await (await service()).publish(topic, event, options)
    const failed = reports.filter(({ error }) => error !== undefined)
    if (flags.json === true) {
      await out.json(reports.map(({ subscriber, error }) => ({ subscriber, error: error?.toJSON() })))
    } else {
      for (const { subscriber, error } of reports) {
        await out.line(`${printable(subscriber)}: ${error === undefined ? 'ok' : printable(error.detail)}`)
      }
      if (reports.length === 0) await out.line('nobody listens')
    }
    if (failed.length === 0) return exitCodes.done
    const summary = `${failed.length} of ${reports.length} subscribers of ${topic} could not take the event`
    throw new ServiceError('unavailable', summary, { cause: failed[0]?.error })
  },
})
