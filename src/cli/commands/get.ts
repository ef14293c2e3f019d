import type { EndpointRecord, Metadata, ServiceRecord } from '../../streams/index.js'
import { defineCommand } from '../command.js'
import { findWholeService } from '../find-service.js'
import { printable, type Output } from '../output.js'
import { isStream, showType, topicOf } from '../show-endpoint.js'

/** `headrace get` */
export const get = defineCommand({
  name: 'get',
  usage: 'NAME',
  words: { least: 1, most: 1 },
  description:
    'Shows what the registry knows of a service: each version with its nodes, its endpoints with the types of their messages, and its\n' +
    'topics. With --json: a list of records, one for each version, which headrace register takes as well.',
  examples: ['get greeter', 'get greeter --json'],
  flags: {},
  remote: true,
  async run(context) {
    const { out, flags, words } = context
    const records = await findWholeService(context, words[0] ?? '')
    if (flags.json === true) await out.json(records)
    else for (const [at, record] of records.entries()) await show(out, record, at === 0)
    return undefined
  },
})

async function show(
  out: Output,
  { name, version, nodes, endpoints }: ServiceRecord,
  first: boolean,
): Promise<void> {
  if (!first) await out.line()
  await out.line(out.style.bold(printable(`${name} ${version}`)))
  await out.line()
  await out.table(
    ['NODE', 'ADDRESS', 'METADATA'],
    nodes.map(({ id, address, metadata }) => [id, address, pairs(metadata)]),
  )
  const methods = endpoints.filter(endpoint => topicOf(endpoint) === undefined)
  if (methods.length > 0)
    await showTable(out, ['ENDPOINT', 'REQUEST', 'RESPONSE', 'METADATA'], methods.map(methodRow))
  const topics = endpoints.filter(endpoint => topicOf(endpoint) !== undefined)
  if (topics.length > 0)
    await showTable(out, ['TOPIC', 'EVENT', 'SUBSCRIBER', 'METADATA'], topics.map(topicRow))
}

async function showTable(
  out: Output,
  heading: readonly string[],
  rows: readonly (readonly string[])[],
): Promise<void> {
  const used = heading.map((_, at) => at < heading.length - 1 || rows.some(row => row[at] !== ''))
  const kept = (row: readonly string[]) => row.filter((_, at) => used[at] === true)
  await out.line()
  await out.table(kept(heading), rows.map(kept))
}

function methodRow(endpoint: EndpointRecord): readonly string[] {
  const { name, request, response, metadata } = endpoint
  const { stream: _, ...more } = metadata
  return isStream(endpoint)
    ? [name, 'stream', 'stream', pairs(more)]
    : [name, showType(request), showType(response), pairs(more)]
}

function topicRow(endpoint: EndpointRecord): readonly string[] {
  const { subscriber: _, topic = '', ...more } = endpoint.metadata
  return [topic, showType(endpoint.request), endpoint.name, pairs(more)]
}

function pairs(metadata: Metadata): string {
  return Object.entries(metadata)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key}=${value}`)
    .join(' ')
}
