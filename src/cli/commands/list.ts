import { defineCommand } from '../command.js'
import { listServices } from '../find-service.js'
import { printable } from '../output.js'

/** `headrace list` */
export const list = defineCommand({
  name: 'list',
  usage: '',
  words: { least: 0, most: 0 },
  description: 'Names the services in the registry, one on a line. With --json: a list of names.',
  examples: ['list', 'list --registry=consul --registry_address=10.0.0.5:8500'],
  flags: {},
  remote: true,
  async run({ flags, out, service }) {
    const names = await listServices(await (await service()).registry())
    if (flags.json === true) await out.json(names)
    else for (const name of names) await out.line(printable(name))
    return undefined
  },
})
