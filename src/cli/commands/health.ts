import { askNodes, type NodeAnswer } from '../ask-nodes.js'
import { defineCommand } from '../command.js'
import { exitCodes } from '../exit-codes.js'

interface Health {
  readonly status?: unknown
}

/** `headrace health` */
export const health = defineCommand({
  name: 'health',
  usage: 'NAME',
  words: { least: 1, most: 1 },
  description:
    'Asks each node of a service for its health (Debug.Health, which services of headrace and go-micro answer). The exit code is 0 when all\n' +
    'are well and 4 when one is not. With --json: a list of { id, version, address, status }, with error instead of status.',
  examples: ['health greeter', 'health greeter --client_request_timeout=500ms'],
  flags: {},
  remote: true,
  async run(context) {
    const { words, flags, out } = context
    const answers = await askNodes<Health>(context, words[0] ?? '', 'Debug.Health')
    if (flags.json === true) await out.json(answers.map(asJson))
    else {
      await out.table(
        ['NODE', 'VERSION', 'ADDRESS', 'STATUS'],
        answers.map(each => [each.node.id, each.node.version, each.node.address, statusOf(each)]),
      )
    }
    return answers.every(isWell) ? exitCodes.done : exitCodes.unavailable
  },
})

function isWell({ answer }: NodeAnswer<Health>): boolean {
  return answer?.status === 'ok'
}

function statusOf({ answer, error }: NodeAnswer<Health>): string {
  return error === undefined ? String(answer?.status) : error.detail
}

function asJson({ node, answer, error }: NodeAnswer<Health>): unknown {
  const { id, version, address } = node
  return { id, version, address, status: answer?.status, error: error?.toJSON() }
}
