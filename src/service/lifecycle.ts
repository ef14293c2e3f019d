import { firstValueFrom } from 'rxjs'
import { createRegistration, type Registration } from '../actors/registration.js'
import { createServer, type Server } from '../actors/server.js'
import { createEndpointTable } from '../actors/session/endpoint-table.js'
import { advertisedAddress } from '../adapters/node-address.js'
import { ServiceError } from '../streams/errors.js'
import { eventOf, type PartEvent } from './events.js'
import type { Launch } from './launch.js'
import type { CloseOptions, Hook } from './options.js'
import { done } from './parts.js'
import { nodeId, serviceRecord } from './record.js'
import { startSubscriber, type RunningSubscriber } from './topics.js'
import { doneWithin, sleep } from './wait.js'

/** A service that listens, is subscribed and registered. */
export interface Running {
  readonly server: Server
  readonly subscribers: readonly RunningSubscriber[]
  readonly registration: Registration
  readonly address: string
}

/** Listeners, then subscriptions, registration last. A failure undoes what was done, in reverse. */
export async function bringUp(launch: Launch): Promise<Running> {
  const undo: (() => Promise<void>)[] = []
  try {
    const server = startServer(launch)
    undo.push(() => server.close())
    const bound = await firstValueFrom(server.listening)
    tell(launch, 'server', `Listening on ${bound}`)
    const subscribers: RunningSubscriber[] = []
    for (const spec of launch.subscribers) {
      const subscriber = startSubscriber(spec, launch)
      undo.push(() => subscriber.close(0))
      await subscriber.ready
      subscribers.push(subscriber)
    }
    const registration = await register(launch, bound)
    return { server, subscribers, registration, address: bound }
  } catch (failure) {
    for (const step of undo.reverse()) await step()
    throw failure
  }
}

function startServer({ settings, parts, endpoints, tell: hear, fail }: Launch): Server {
  return createServer({
    service: settings.name,
    transport: parts.transport,
    address: settings.address,
    endpoints: createEndpointTable(endpoints, settings.middleware.handler ?? []),
    formats: parts.formats,
    clock: settings.clock,
    deadlines: parts.deadlines,
    report: (event: PartEvent) => hear(eventOf('server', event)),
    onFailure: fail,
  })
}

async function register(launch: Launch, bound: string): Promise<Registration> {
  const { settings, parts } = launch
  const { address, reason } = advertisedAddress({
    bound,
    interfaces: settings.facts.networkInterfaces(),
    ...(settings.advertise === undefined ? {} : { advertise: settings.advertise }),
  })
  launch.tell({ level: 'info', source: 'service', text: reason, event: { address } })
  tell(launch, 'registration', `Registering node: ${nodeId(settings)}`)
  const registration = createRegistration({
    registry: parts.registry,
    clock: settings.clock,
    ttlMs: settings.registerTtlMs,
    intervalMs: settings.registerIntervalMs,
    report: (event: PartEvent) => launch.tell(eventOf('registration', event)),
  })
  try {
    await done(
      registration.start(serviceRecord(settings, address, parts, launch.endpoints, launch.subscribers)),
    )
  } catch (failure) {
    await registration.close()
    throw failure
  }
  return registration
}

/**
 * Leaves the registry, serves on until watchers have noticed, then finishes what is under way; what is not done by the
 * deadline is aborted.
 */
export async function bringDown(
  { server, subscribers, registration }: Running,
  { settings, parts, tell: hear }: Omit<Launch, 'endpoints' | 'subscribers' | 'fail'>,
  {
    timeoutMs,
    lingerMs = parts.registry.name === 'memory' ? 0 : 500,
  }: CloseOptions & { readonly timeoutMs: number },
): Promise<void> {
  const { clock } = settings
  await registration.close()
  if (lingerMs > 0) await sleep(lingerMs, clock)
  const drained = Promise.all([
    done(server.drain(lingerMs)),
    ...subscribers.map(subscriber => subscriber.close(timeoutMs)),
  ])
  if (!(await doneWithin(timeoutMs, drained, clock))) {
    const error = new ServiceError(
      'timeout',
      `calls were still under way ${timeoutMs} ms after the stop and were aborted`,
    )
    hear({ level: 'warning', source: 'service', text: error.detail, error, event: { kind: 'aborted' } })
  }
  await server.close()
}

/** Runs hooks one after another; the first failure ends them. */
export async function runHooks(hooks: readonly Hook[] | undefined): Promise<void> {
  for (const hook of hooks ?? []) await hook()
}

function tell({ tell: hear }: Pick<Launch, 'tell'>, source: string, text: string): void {
  hear({ level: 'notice', source, text, event: { kind: source } })
}
