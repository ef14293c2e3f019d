import { callFlags, callOptions, checkKind, explainFailure } from '../call-flags.js'
import { defineCommand } from '../command.js'
import { eachUntil } from '../each-until.js'
import { findService } from '../find-service.js'
import { readJson } from '../read-json.js'

/** `headrace stream` */
export const stream = defineCommand({
  name: 'stream',
  usage: 'NAME ENDPOINT [JSON…]',
  words: { least: 2, most: Infinity },
  description:
    'Streams with an endpoint: a request for each JSON argument, or without arguments for each line of standard input; an answer is a\n' +
    'line of JSON. Whoever is slow slows the other end: lines are read as the service asks for them. It ends with the service, and SIGINT\n' +
    'cancels the stream.',
  examples: [
    `stream greeter Greeter.ServerStream '{"count": 3}'`,
    'stream greeter Greeter.Stream < requests.jsonl > answers.jsonl',
  ],
  flags: callFlags,
  endless: true,
  remote: true,
  async run(context) {
    const { words, flags, out, shell, stop } = context
    const [name = '', endpoint = '', ...given] = words
    const requests =
      given.length > 0 ? given.map(text => readJson(text, 'a request')) : requestsOf(shell.lines)
    const service = await context.service()
    const records = flags.address === undefined ? await findService(context, name) : []
    checkKind('stream', endpoint, records)
    try {
      const answers = service.client(name).stream(endpoint, requests, callOptions(flags))
      await eachUntil(stop, answers, answer => out.json(answer))
    } catch (failure) {
      throw explainFailure(failure, endpoint, records)
    }
    return undefined
  },
})

async function* requestsOf(lines: AsyncIterable<string>): AsyncGenerator<unknown> {
  let number = 0
  for await (const line of lines) {
    number += 1
    if (line.trim() !== '') yield readJson(line, `line ${number}`)
  }
}
