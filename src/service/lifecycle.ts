import { concat, of } from 'rxjs'
import { createRegistration, type Registration } from '../actors/registration.js'
import { createServer, type Server } from '../actors/server.js'
import { createEndpointTable } from '../actors/session/endpoint-table.js'
import type { DeliverEvent } from '../actors/session/event-call.js'
import { advertisedAddress } from '../adapters/node-address.js'
import { ServiceError } from '../streams/errors.js'
import { eventOf, type PartEvent } from './events.js'
import type { Launch } from './launch.js'
import type { CloseOptions } from './options.js'
import { pagesOf } from './pages.js'
import { localEvents } from './local-events.js'
import { done } from './parts.js'
import { nodeId, serviceRecord } from './record.js'
import { startSubscriber, type RunningSubscriber } from './topics.js'
import { unless, type Patience } from './wait.js'

/** A service that listens, is subscribed and registered. */
export interface Running {
  readonly server: Server
  readonly subscribers: readonly RunningSubscriber[]
  readonly registration: Registration
  readonly address: string
}

/** Listeners, then subscriptions, registration last. A failure, or `stop`, undoes what was done, in reverse. */
export async function bringUp(launch: Launch): Promise<Running> {
  const undo: (() => Promise<void>)[] = []
  try {
    const subscribers: RunningSubscriber[] = []
    const server = startServer(launch, localEvents(subscribers))
    undo.push(() => server.close())
    const bound = await unless(launch.stop, server.listening)
    tell(launch, 'server', `Listening on ${bound}`)
    for (const spec of launch.subscribers) {
      const subscriber = startSubscriber(spec, launch)
      undo.push(() => subscriber.subscription.close(0))
      subscribers.push(subscriber)
    }
    for (const { subscription } of subscribers) await unless(launch.stop, subscription.ready)
    const registration = await register(launch, bound)
    return { server, subscribers, registration, address: bound }
  } catch (failure) {
    for (const step of undo.reverse()) await step() // none of these rejects
    throw failure
  }
}

function startServer(launch: Launch, deliver: DeliverEvent): Server {
  const { settings, parts, tell: hear, fail } = launch
  const endpoints = createEndpointTable(launch.endpoints, settings.middleware.handler ?? [])
  return createServer({
    service: settings.name,
    transport: parts.transport,
    address: settings.address,
    endpoints,
    pages: pagesOf(launch, endpoints),
    formats: parts.formats,
    clock: settings.clock,
    deadlines: parts.deadlines,
    deliver,
    health: launch.health,
    report: (event: PartEvent) => hear(eventOf('server', event)),
    onFailure: fail,
  })
}

async function register(launch: Launch, bound: string): Promise<Registration> {
  const { settings, parts } = launch
  const { address, reason } = advertisedAddress({
    bound,
    interfaces: settings.facts.networkInterfaces,
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
  launch.registers()
  try {
    const record = serviceRecord(settings, address, parts, launch.endpoints, launch.subscribers)
    await unless(launch.stop, concat(registration.start(record), of(undefined)))
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
  { settings, parts, tell: hear, patience }: Teardown,
  {
    timeoutMs,
    lingerMs = parts.registry.name === 'memory' ? 0 : 500,
  }: CloseOptions & { readonly timeoutMs: number },
): Promise<void> {
  const late = new ServiceError(
    'timeout',
    `${settings.name}: calls were still under way ${timeoutMs} ms after the stop and were aborted`,
    { id: settings.name },
  )
  if (!(await patience.waitFor(registration.close()))) registration.abort(late)
  await patience.sleep(lingerMs)
  patience.limit(timeoutMs)
  const drained = Promise.all([
    done(server.drain(lingerMs)),
    ...subscribers.map(({ subscription }) => subscription.close(timeoutMs)),
  ])
  if (!(await patience.waitFor(drained))) {
    hear({ level: 'warning', source: 'service', text: late.detail, error: late, event: { kind: 'aborted' } })
    server.abort(late)
    for (const { subscription } of subscribers) subscription.abort(late)
  }
  await server.close()
}

/** What a stop works with. */
export interface Teardown extends Pick<Launch, 'settings' | 'parts' | 'tell'> {
  readonly patience: Patience
}

function tell({ tell: hear }: Pick<Launch, 'tell'>, source: string, text: string): void {
  hear({ level: 'notice', source, text, event: { kind: source } })
}
