import { ServiceError } from '../../streams/errors.js'
import { defineCommand } from '../command.js'
import { completionScript, shells } from '../completion/scripts.js'
import { completionWords } from '../completion/words.js'

/** `headrace completion` */
export const completion = defineCommand({
  name: 'completion',
  usage: 'bash|zsh|fish',
  words: { least: 1, most: 1 },
  description:
    'Prints a script that completes commands, flags and the names of services. Put this line into the file that your shell starts with:\n' +
    '  bash: source <(headrace completion bash)\n' +
    '  zsh:  source <(headrace completion zsh)\n' +
    '  fish: headrace completion fish | source',
  examples: ['completion bash'],
  flags: {},
  remote: false,
  async run({ words, out, commands }) {
    const shell = shells.find(each => each === words[0])
    if (shell === undefined) {
      throw new ServiceError(
        'bad_request',
        `unknown shell '${words[0] ?? ''}'; known are ${shells.join(', ')}`,
      )
    }
    await out.raw(completionScript(shell, await completionWords(commands)))
    return undefined
  },
})
