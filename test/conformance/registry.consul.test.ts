import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { beforeAll, describe, it } from 'vitest'
import { consul } from 'headrace/adapters/registry/consul'
import type { Registry } from 'headrace/streams'
import { noConsul, startConsul, type ConsulAgent } from '../support/consul-agent.js'
import type { Subjects } from './law.js'
import { proveRegistry, type RegistrySubject } from './registry.suite.js'

let agent: ConsulAgent

const subjects: Subjects<RegistrySubject & { readonly opened: Registry[] }> = {
  features: { backendLoss: true },
  setup() {
    const opened: Registry[] = []
    return {
      opened,
      open() {
        const registry = consul({ addresses: [agent.address] })
        opened.push(registry)
        return registry
      },
      service: `law-${randomUUID()}`,
      ttlMs: 500,
      patienceMs: 10_000,
      elapse: sleep,
      running: () => process.getActiveResourcesInfo().filter(resource => /tcp/i.test(resource)).length,
      lose: () => agent.kill(),
      restore: () => agent.start(),
    }
  },
  async teardown({ opened }) {
    await Promise.all(opened.map(registry => registry.close()))
  },
}

if (noConsul === undefined) {
  beforeAll(async () => {
    agent = await startConsul()
    return () => agent.stop()
  }, 40_000)
  proveRegistry({ describe, it }, 'the Consul registry at an agent of its own', subjects)
} else {
  console.log(`the Consul registry: skipped: ${noConsul}`)
  describe.skip(`the Consul registry (${noConsul})`, () => it('is proven', () => undefined))
}
