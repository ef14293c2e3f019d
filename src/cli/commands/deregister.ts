import { defaultIfEmpty, firstValueFrom, lastValueFrom } from 'rxjs'
import { ServiceError, type ServiceRecord } from '../../streams/index.js'
import { defineCommand } from '../command.js'
import { findWholeService } from '../find-service.js'
import { printable } from '../output.js'

/** `headrace deregister` */
export const deregister = defineCommand({
  name: 'deregister',
  usage: 'NAME NODE',
  words: { least: 2, most: 2 },
  description:
    'Takes a node out of the registry, by its id: one that has crashed, for example. A node that is alive registers again with its next\n' +
    'renewal. Over mDNS a node is known to its own process alone, which no other can speak for: there it is refused.',
  examples: ['deregister greeter greeter-6ba7b810-9dad-11d1-80b4-00c04fd430c8 --registry=consul'],
  flags: {},
  remote: true,
  async run(context) {
    const { words, flags, out, service } = context
    const [name = '', id = ''] = words
    const records = await findWholeService(context, name)
    const ids = records.flatMap(({ nodes }) => nodes.map(node => node.id))
    const found = records.flatMap(record => withNode(record, id))
    const [record] = found
    if (record === undefined) {
      throw new ServiceError('not_found', `${name} has no node '${id}'; it has ${ids.join(', ')}`)
    }
    const registry = await (await service()).registry()
    await lastValueFrom(registry.deregister(record).pipe(defaultIfEmpty(undefined)))
    const left = await firstValueFrom(registry.lookup(name))
    if (left.some(each => withNode(each, id).length > 0)) {
      const why = `the registry ${registry.name} still has it: only the process that registered it can take it out`
      throw new ServiceError('conflict', `${id} was not deregistered: ${why}`)
    }
    const { version } = record
    if (flags.json === true) await out.json({ deregistered: id, service: name, version })
    else await out.line(printable(`deregistered ${name} ${version} ${id}`))
    return undefined
  },
})

/** The record with that node alone, where it has it. */
function withNode(record: ServiceRecord, id: string): readonly ServiceRecord[] {
  const nodes = record.nodes.filter(node => node.id === id)
  return nodes.length === 0 ? [] : [{ ...record, nodes }]
}
