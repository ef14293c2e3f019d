import { createRegistryCache, type RegistryCache, type SelectorFactory } from 'headrace/actors'
import { createRegistryHub, memory, type RegistryHub } from 'headrace/adapters/registry/memory'
import type { Registry, Selector } from 'headrace/streams'
import type { Subjects } from '../conformance/law.js'
import type { SelectorSubject } from '../conformance/selector.suite.js'
import { VirtualClock, settle } from './virtual-clock.js'

interface OwnedSubject extends SelectorSubject {
  end(): Promise<void>
}

/** What a planted fault gets besides the selector it spoils. */
export interface SelectorSurroundings {
  readonly hub: RegistryHub
  readonly registry: Registry
  readonly cache: RegistryCache
}

/** Selectors over a memory registry in virtual time; `spoil` wraps each, to plant a fault. */
export function selectorSubjects(
  create: SelectorFactory,
  outMs: number,
  spoil: (sound: Selector, around: SelectorSurroundings) => Selector = sound => sound,
  patienceMs = 2_000,
): Subjects<OwnedSubject> {
  return {
    features: { ejection: true, backendLoss: true },
    setup() {
      const hub = createRegistryHub()
      const clock = new VirtualClock([0.1, 0.7, 0.4, 0.9, 0.2, 0.6])
      const [registry, watched] = [memory({ hub, clock }), memory({ hub, clock })]
      const cache = createRegistryCache({ registry: watched, clock })
      const sound = create({ cache, clock })
      return {
        selector: spoil(sound, { hub, registry: watched, cache }),
        registry,
        outMs,
        patienceMs,
        async elapse(ms) {
          clock.advance(ms)
          await settle()
        },
        release: () => cache.close(),
        running: () => hub.watchers + clock.pending,
        lose: async () => hub.disconnect(),
        restore: async () => hub.reconnect(),
        async end() {
          await sound.close()
          await cache.close()
          await Promise.all([registry.close(), watched.close()])
        },
      }
    },
    teardown: subject => subject.end(),
  }
}
