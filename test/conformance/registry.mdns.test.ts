import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, it } from 'vitest'
import { mdns } from 'headrace/adapters/registry/mdns'
import type { Registry } from 'headrace/streams'
import type { Subjects } from './law.js'
import { proveRegistry, type RegistrySubject } from './registry.suite.js'

const subjects: Subjects<RegistrySubject & { readonly opened: Registry[] }> = {
  // Multicast has no server that could be lost; that a socket fails is in test/unit/adapters/registry/mdns.
  features: { backendLoss: false },
  setup() {
    const opened: Registry[] = []
    return {
      opened,
      open() {
        const registry = mdns({ interface: '127.0.0.1' })
        opened.push(registry)
        return registry
      },
      service: `law-${randomUUID()}`,
      ttlMs: 1_000, // the wire counts in seconds
      patienceMs: 5_000,
      elapse: sleep,
      running: () => process.getActiveResourcesInfo().filter(resource => /udp/i.test(resource)).length,
    }
  },
  async teardown({ opened }) {
    await Promise.all(opened.map(registry => registry.close()))
  },
}

proveRegistry({ describe, it }, 'the mDNS registry on loopback', subjects)
