import { defaultIfEmpty, exhaustMap, ignoreElements, lastValueFrom, retry, timer } from 'rxjs'
import {
  ServiceError,
  parseAddress,
  systemClock,
  type Registry,
  type ServiceRecord,
} from '../../streams/index.js'
import { defineCommand, type CommandContext } from '../command.js'
import { eachUntil } from '../each-until.js'
import { readAll } from '../read-all.js'
import { readRecord } from '../read-record.js'
import { latestOf } from '../latest-of.js'

/** `headrace register` */
export const register = defineCommand({
  name: 'register',
  usage: 'NAME ADDRESS | RECORD',
  words: { least: 1, most: 2 },
  description:
    'Puts a node into the registry that does not do so itself, keeps it there until SIGINT, and takes it out again. The node is NAME at\n' +
    'ADDRESS (host:port), with --server_version, --server_id and --server_metadata; or RECORD, the JSON that headrace get --json prints, as an\n' +
    'argument or with - from standard input. --register_ttl and --register_interval say how long it is good and how often it is renewed.',
  examples: [
    'register legacy 10.0.0.7:9090 --server_version=2.1.0 --server_metadata=zone=north',
    'register legacy 10.0.0.7:9090 --registry=consul',
  ],
  flags: {},
  endless: true,
  remote: true,
  async run(context) {
    const { words, flags, service, shell, stop } = context
    const [first = '', address] = words
    const record =
      address !== undefined ? recordOf(first, address, flags) : readRecord(await recordText(first, shell))
    const registry = await (await service()).registry()
    const ttlMs = flags.register_ttl ?? 60_000
    await done(registry.register(record, { ttlMs }))
    for (const { id } of record.nodes) await tell(context, 'registered', record, id)
    try {
      await eachUntil(stop, latestOf(renewed(registry, record, ttlMs, context)), async () => undefined)
    } finally {
      await done(registry.deregister(record))
    }
    for (const { id } of record.nodes) await tell(context, 'deregistered', record, id)
    return undefined
  },
})

type Context = CommandContext<Record<never, never>>

/** A name alone is taken for a forgotten address. */
async function recordText(word: string, { lines }: Context['shell']): Promise<string> {
  if (word === '-') return readAll(lines)
  if (/^\s*[[{]/.test(word)) return word
  throw new ServiceError(
    'bad_request',
    `an address is missing behind '${word}'; usage: headrace register ${register.usage}`,
  )
}

function recordOf(name: string, address: string, flags: Context['flags']): ServiceRecord {
  parseAddress(address)
  const id = `${name}-${flags.server_id ?? address.replace(/[^\w.-]/g, '-')}`
  return {
    name,
    version: flags.server_version ?? '1.0.0',
    metadata: {},
    endpoints: [],
    nodes: [{ id, address, metadata: flags.server_metadata ?? {} }],
  }
}

/** Registers again and again. A failure is told, and tried again after the next interval. */
function renewed(registry: Registry, record: ServiceRecord, ttlMs: number, { shell, flags, note }: Context) {
  const { scheduler } = shell.clock ?? systemClock
  const intervalMs = flags.register_interval ?? Math.min(ttlMs / 2, 30_000)
  return timer(intervalMs, intervalMs, scheduler).pipe(
    exhaustMap(() => registry.register(record, { ttlMs })),
    retry({
      delay: (failure: unknown) => {
        void note(ServiceError.from(failure).detail).catch(() => undefined) // nobody reads it any more
        return timer(0, scheduler)
      },
    }),
    ignoreElements(),
  )
}

function done(operation: ReturnType<Registry['register']>): Promise<unknown> {
  return lastValueFrom(operation.pipe(defaultIfEmpty(undefined)))
}

async function tell(
  { out, flags }: Context,
  what: string,
  { name, version }: ServiceRecord,
  id: string,
): Promise<void> {
  await (flags.json === true
    ? out.json({ [what]: id, service: name, version })
    : out.line(`${what} ${name} ${version} ${id}`))
}
