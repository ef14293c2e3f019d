import { createRegistryHub, memory, type RegistryHub } from 'headrace/adapters/registry/memory'
import type { NodeRecord, Registry } from 'headrace/streams'
import type { Subjects } from '../conformance/law.js'
import type { RegistrySubject } from '../conformance/registry.suite.js'
import { VirtualClock, settle } from './virtual-clock.js'

interface MemorySubject extends RegistrySubject {
  readonly opened: Registry[]
}

/** What a planted fault gets besides the handle it spoils. */
export interface Surroundings {
  readonly hub: RegistryHub
  readonly clock: VirtualClock
  /** For a fault that must remember nodes across the handles of one subject. */
  readonly held: Map<string, NodeRecord>
}

/** Memory registries in virtual time; `spoil` wraps each handle, to plant a fault. */
export function memoryRegistrySubjects(
  spoil: (registry: Registry, around: Surroundings) => Registry = registry => registry,
  patienceMs = 2_000,
): Subjects<MemorySubject> {
  return {
    features: { backendLoss: true },
    setup() {
      const hub = createRegistryHub()
      const clock = new VirtualClock()
      const opened: Registry[] = []
      const held = new Map<string, NodeRecord>()
      return {
        opened,
        open() {
          const registry = memory({ hub, clock })
          opened.push(registry)
          return spoil(registry, { hub, clock, held })
        },
        service: 'greeter',
        ttlMs: 1_000,
        patienceMs,
        async elapse(ms) {
          clock.advance(ms)
          await settle()
        },
        running: () => hub.watchers + clock.pending,
        lose: async () => hub.disconnect(),
        restore: async () => hub.reconnect(),
      }
    },
    async teardown({ opened }) {
      await Promise.all(opened.map(registry => registry.close()))
    },
  }
}
