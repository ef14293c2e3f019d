import { flattenNodes, type ServiceRecord } from '../../streams/index.js'
import { defineCommand } from '../command.js'
import { eachUntil } from '../each-until.js'
import { followRegistry } from '../follow-registry.js'
import { latestOf } from '../latest-of.js'
import { nodeChanges, type NodeChange } from '../node-changes.js'
import { printable, type Output } from '../output.js'

/** `headrace watch` */
export const watch = defineCommand({
  name: 'watch',
  usage: '[NAME]',
  words: { least: 0, most: 1 },
  description:
    'Shows services and their nodes as they come and go, until SIGINT: all of them, or those of one service. On a terminal the table is drawn\n' +
    'anew with each change; elsewhere each change is a line. With --json: a line for each change, { change, service, version, id, address,\n' +
    'metadata }, where change is up, down or changed.',
  examples: ['watch', 'watch greeter --json'],
  flags: {},
  endless: true,
  remote: true,
  async run(context) {
    const { words, flags, out, service, stop } = context
    const registry = await (await service()).registry()
    const states = followRegistry(registry, words[0], context)
    const drawn = out.isTerminal && flags.json !== true
    let before: readonly ServiceRecord[] = []
    // A terminal that is slow sees the latest state, and what is between it and the one before as one change.
    await eachUntil(stop, latestOf(states), async after => {
      const changes = nodeChanges(before, after)
      before = after
      if (drawn) await draw(out, after, words[0])
      else
        for (const change of changes)
          await (flags.json === true ? out.json(asJson(change)) : tell(out, change))
    })
    return undefined
  },
})

async function draw(out: Output, records: readonly ServiceRecord[], name: string | undefined): Promise<void> {
  const nodes = [...flattenNodes(records)].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))
  const services = new Set(nodes.map(({ service }) => service)).size
  await out.raw(clearScreen)
  await out.line(
    out.style.bold(name === undefined ? `${services} services, ${nodes.length} nodes` : printable(name)),
  )
  await out.line()
  await out.table(
    ['SERVICE', 'VERSION', 'NODE', 'ADDRESS'],
    nodes.map(({ service, version, id, address }) => [service, version, id, address]),
  )
}

/** Moves the cursor home and clears what is below it. */
const clearScreen = '\x1b[H\x1b[2J'

const keyOf = ({ service, version, id }: { service: string; version: string; id: string }) =>
  JSON.stringify([service, version, id])

function asJson({ kind, node }: NodeChange): unknown {
  const { service, version, id, address, metadata } = node
  return { change: kind, service, version, id, address, metadata }
}

async function tell(out: Output, { kind, node }: NodeChange): Promise<void> {
  const { service, version, id, address } = node
  const mark = { up: out.style.good('+'), down: out.style.bad('-'), changed: out.style.warning('~') }[kind]
  await out.line(`${mark} ${printable(`${service} ${version} ${id} ${address}`)}`)
}
