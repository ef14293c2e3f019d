import type { Clock } from '../streams/clock.js'
import type { ServedEndpoint } from '../streams/server.js'
import type { ProcessFacts } from './process-facts.js'

/** The messages of go-micro's built-in handler (PROTOCOL section 5.2). */
const debugProto = `
  syntax = "proto3";
  service Debug {
    rpc Health(HealthRequest) returns (HealthResponse) {}
    rpc Stats(StatsRequest) returns (StatsResponse) {}
  }
  message HealthRequest {}
  message HealthResponse { string status = 1; }
  message StatsRequest {}
  message StatsResponse { uint64 started = 1; uint64 uptime = 2; uint64 memory = 3; uint64 threads = 4; uint64 gc = 5; }
`

/** The Debug endpoints of a service, and what ends their measuring. */
export interface Debug {
  readonly endpoints: readonly ServedEndpoint[]
  close(): void
}

/** `Debug.Health` and `Debug.Stats`, answered with every codec and never shown in the registry. `threads` is what keeps the process busy, as goroutines are in Go. */
export async function createDebug(clock: Clock, facts: ProcessFacts): Promise<Debug> {
  const { parseProto } = await import('../adapters/codec/proto-types.js')
  const definition = parseProto(debugProto).service('Debug')
  const started = clock.scheduler.now()
  let pausedMs = 0
  const close = facts.onCollection(ms => (pausedMs += ms))
  const stats = () => ({
    started: BigInt(Math.floor(started / 1_000)),
    uptime: BigInt(Math.floor((clock.scheduler.now() - started) / 1_000)),
    memory: BigInt(facts.heapUsed()),
    threads: BigInt(facts.activeResources()),
    gc: BigInt(Math.round(pausedMs * 1e6)),
  })
  const handlers: Readonly<Record<string, () => unknown>> = { health: () => ({ status: 'ok' }), stats }
  return {
    endpoints: Object.entries(definition).map(([method, endpoint]) => ({
      definition: endpoint,
      handle: () => handlers[method]?.(),
      internal: true,
    })),
    close,
  }
}
