import { callFlags, callOptions, checkKind, explainFailure } from '../call-flags.js'
import { defineCommand } from '../command.js'
import { findService } from '../find-service.js'
import { readAll } from '../read-all.js'
import { readJson } from '../read-json.js'

/** `headrace call` */
export const call = defineCommand({
  name: 'call',
  usage: 'NAME ENDPOINT [JSON]',
  words: { least: 2, most: 3 },
  description:
    'Calls an endpoint with a JSON request and prints the answer. Without a request it sends {}; with - the request is read from standard\n' +
    'input. --client_request_timeout says how long it may take. With --json: the answer on one line.',
  examples: [
    `call greeter Greeter.Hello '{"name": "John"}'`,
    'call greeter Debug.Health',
    `call greeter Greeter.Hello '{"name": "John"}' --metadata=Authorization='Bearer abc' --client_request_timeout=500ms`,
  ],
  flags: callFlags,
  remote: true,
  async run(context) {
    const { words, flags, out, shell } = context
    const [name = '', endpoint = '', text = '{}'] = words
    const request = readJson(text === '-' ? await readAll(shell.lines) : text, 'the request')
    const service = await context.service()
    const records = flags.address === undefined ? await findService(context, name) : []
    checkKind('call', endpoint, records)
    const answer = await service
      .client(name)
      .call(endpoint, request, callOptions(flags))
      .then(
        value => value,
        (failure: unknown) => {
          throw explainFailure(failure, endpoint, records)
        },
      )
    await (flags.json === true ? out.json(answer) : out.value(answer))
    return undefined
  },
})
