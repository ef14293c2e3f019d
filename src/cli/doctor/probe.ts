import { firstValueFrom, filter, timeout } from 'rxjs'
import { ServiceError, systemClock, type ErrorKind } from '../../streams/index.js'
import type { Service } from '../../service/service-types.js'
import type { CommandContext } from '../command.js'
import type { Finding } from './finding.js'

const foundWithinMs = 3_000

/** What to do about a service that cannot be started; where a flag is wrong, the error says it. */
const notStartedAdvice: Partial<Readonly<Record<ErrorKind, string>>> = {
  conflict: '--server_address=:0 and --broker_address=:0 take any free port',
  unavailable: 'see whether the registry runs and --registry_address is right; --registry=mdns needs none',
}

/** What may keep a registry from showing what was just registered. */
const notFoundAdvice: Readonly<Record<string, string>> = {
  mdns:
    'let UDP port 5353 to 224.0.0.251 and ff02::fb through the firewall, name the interface with --registry_address=ADDRESS, or use ' +
    '--registry=consul where the network has no multicast',
}

/**
 * Starts a service of its own, lets another one find it through the registry, and calls it at the address it advertises: what services need, with the flags that they would
 * have. Stops at the first thing that does not work.
 */
export async function* checkWithProbe(
  context: Pick<CommandContext<Record<never, never>>, 'open' | 'shell'>,
): AsyncGenerator<Finding> {
  const clock = context.shell.clock ?? systemClock
  const name = `headrace.doctor-${Math.floor(clock.random() * 1e9).toString(36)}`
  const [probe, seeker] = [await context.open(name), await context.open(`${name}-seeker`)]
  const started = await failureOf(probe.start())
  if (started !== undefined) {
    yield notStarted(started)
    return
  }
  yield {
    check: 'listening',
    status: 'ok',
    text: `a service listens at ${probe.address ?? '?'} and is registered`,
  }
  const registry = await seeker.registry()
  const began = clock.scheduler.now()
  const found = await failureOf(
    firstValueFrom(
      seeker.discover(name).pipe(
        filter(nodes => nodes.length > 0),
        timeout({ first: foundWithinMs, scheduler: clock.scheduler }),
      ),
    ),
  )
  if (found !== undefined) {
    yield notFound(registry.name, found)
    return
  }
  const ms = Math.round(clock.scheduler.now() - began)
  yield {
    check: 'registry',
    status: 'ok',
    text: `${registry.name}: another process would find it (after ${ms} ms)`,
  }
  yield await called(seeker, name)
}

async function called(seeker: Service, name: string): Promise<Finding> {
  const failure = await failureOf(seeker.client(name).call('Debug.Health'))
  const check = 'calling'
  if (failure === undefined)
    return { check, status: 'ok', text: 'a call to the address that it advertises is answered' }
  return {
    check,
    status: 'problem',
    text: `a call to the address that it advertises fails: ${failure.detail}`,
    advice:
      'let its port through the firewall (--server_address=:PORT fixes it), or say with --server_advertise where it is reached',
  }
}

function notStarted({ kind, detail }: ServiceError): Finding {
  return {
    check: 'starting',
    status: 'problem',
    text: `a service cannot be started: ${detail}`,
    ...(notStartedAdvice[kind] === undefined ? {} : { advice: notStartedAdvice[kind] }),
  }
}

function notFound(registry: string, { detail }: ServiceError): Finding {
  return {
    check: 'registry',
    status: 'problem',
    text: `${registry}: another process would not find it: ${detail}`,
    advice: notFoundAdvice[registry] ?? 'see whether both processes use the same registry and address',
  }
}

async function failureOf(work: PromiseLike<unknown>): Promise<ServiceError | undefined> {
  try {
    await work
    return undefined
  } catch (failure) {
    return ServiceError.from(failure)
  }
}
