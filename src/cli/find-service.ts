import { concat, filter, firstValueFrom, of, takeUntil, timer } from 'rxjs'
import {
  ServiceError,
  foldRegistry,
  systemClock,
  type Registry,
  type ServiceRecord,
} from '../streams/index.js'
import type { CommandContext } from './command.js'

type Context = Pick<CommandContext<Record<never, never>>, 'flags' | 'service' | 'shell'>

/** How long to look for what is not there yet. */
const defaultWaitMs = 1_000

/**
 * What the registry has of a service: as soon as there is a node. Rejects with `not_found` when there is none after `--wait`, and with what the registry says when it
 * cannot be reached.
 */
export async function findService(context: Context, name: string): Promise<readonly ServiceRecord[]> {
  const service = await context.service()
  const registry = await service.registry()
  const { scheduler } = context.shell.clock ?? systemClock
  const late = timer(context.flags.wait ?? defaultWaitMs, scheduler)
  const found = registry.watch(name).pipe(
    foldRegistry(),
    filter(records => records.length > 0),
    takeUntil(late),
  )
  const records = await firstValueFrom(concat(found, of([])))
  if (records.length > 0) return records
  throw new ServiceError(
    'not_found',
    `no service '${name}' in the registry ${registry.name}; headrace list shows what there is, headrace doctor why not`,
  )
}

/** The same with every node: over multicast, some may answer later than the first. */
export async function findWholeService(context: Context, name: string): Promise<readonly ServiceRecord[]> {
  const found = await findService(context, name)
  const registry = await (await context.service()).registry()
  const whole = await firstValueFrom(registry.lookup(name))
  return whole.length > 0 ? whole : found
}

/** The names of all services. An answer over multicast may be late or lost, so the question is repeated until it brings nothing new. */
export async function listServices(registry: Registry): Promise<readonly string[]> {
  const names = new Set<string>()
  for (let quiet = 0; quiet < 2;) {
    const before = names.size
    for (const name of await firstValueFrom(registry.list())) names.add(name)
    quiet = names.size === before ? quiet + 1 : 0
  }
  return [...names].sort()
}
