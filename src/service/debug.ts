import type { Observable } from 'rxjs'
import type { Health } from '../actors/session/probe.js'
import type { Clock } from '../streams/clock.js'
import { defineService, rpc } from '../streams/define-service.js'
import type { EndpointDefinition, ServiceDefinition } from '../streams/endpoint.js'
import type { ServedEndpoint } from '../streams/server.js'
import { debugMessages, versionOneMessages } from './debug-messages.js'
import { EventLog, type LogRequest } from './event-log.js'
import type { ServiceEvent } from './events.js'
import type { ProcessFacts } from './process-facts.js'

/** The Debug endpoints of a service, and what ends their measuring. */
export interface Debug {
  readonly endpoints: readonly ServedEndpoint[]
  close(): void
}

/**
 * `Debug.Health`, `Debug.Stats` and `Debug.Log`, answered with every codec and in the numbers of the caller's dialect, and never shown in the registry. `threads` is what keeps
 * the process busy, as goroutines are in Go. Whoever asks for the health takes anything but `ok` for not well. The log is what the service has told as its events.
 */
export async function createDebug(
  clock: Clock,
  facts: ProcessFacts,
  events: Observable<ServiceEvent>,
  health: () => Health,
): Promise<Debug> {
  const { protoFile } = await import('../adapters/codec/proto-types/proto-file.js')
  const [own, one] = [protoFile(debugMessages), protoFile(versionOneMessages)]
  const definition = defineService('Debug', {
    health: rpc.unary(own.message('HealthRequest'), own.message('HealthResponse')),
    stats: rpc.unary(own.message('StatsRequest'), own.message('StatsResponse')),
    log: rpc.serverStream(own.message('LogRequest'), own.message('Record')),
  })
  const versionOne: ServiceDefinition = defineService('Debug', {
    health: rpc.unary(one.message('HealthRequest'), one.message('HealthResponse')),
    stats: rpc.unary(one.message('StatsRequest'), one.message('StatsResponse')),
  })
  const log = new EventLog(events, clock)
  const { stats, close } = measuring(clock, facts)
  const handlers: Readonly<Record<string, (request: LogRequest) => unknown>> = {
    health: () => ({ status: health() }),
    stats,
    log: request => log.records(request),
  }
  return {
    endpoints: Object.entries(definition).map(([method, endpoint]) => {
      const handle = (request: LogRequest) => handlers[method]?.(request)
      const mucp = versionOne[method] as EndpointDefinition | undefined
      return { definition: endpoint, handle, internal: true, ...(mucp === undefined ? {} : { mucp }) }
    }),
    close: () => {
      log.close()
      close()
    },
  }
}

function measuring(clock: Clock, facts: ProcessFacts) {
  const started = clock.scheduler.now()
  const seconds = (ms: number) => BigInt(Math.floor(ms / 1_000))
  let pausedMs = 0
  const close = facts.onCollection(ms => (pausedMs += ms))
  const stats = () => ({
    timestamp: seconds(clock.scheduler.now()),
    started: seconds(started),
    uptime: seconds(clock.scheduler.now() - started),
    memory: BigInt(facts.heapUsed()),
    threads: BigInt(facts.activeResources()),
    gc: BigInt(Math.round(pausedMs * 1e6)),
  })
  return { stats, close }
}
