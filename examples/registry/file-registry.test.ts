import { mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { asyncScheduler, firstValueFrom } from 'rxjs'
import { describe, expect, it } from 'vitest'
import { proveRegistry, type RegistrySubject, type Subjects } from 'headrace/conformance'
import { systemClock, type AdapterEvent, type Clock, type Registry } from 'headrace/streams'
import { fileRegistry } from './file-registry.js'

/** Timers run as ever, and the time of day jumps when told to: what expires does so without anybody waiting for it. */
function skippingClock(): Clock & { skip(ms: number): void } {
  let skippedMs = 0
  return {
    ...systemClock,
    scheduler: {
      now: () => asyncScheduler.now() + skippedMs,
      schedule: asyncScheduler.schedule.bind(asyncScheduler),
    },
    skip: ms => void (skippedMs += ms),
  }
}

// #region prove
const subjects: Subjects<RegistrySubject & { end(): Promise<void> }> = {
  features: { backendLoss: true },
  async setup() {
    const directory = await mkdtemp(join(tmpdir(), 'headrace-registry-'))
    const elsewhere = `${directory}-lost`
    const opened: Registry[] = []
    const clock = skippingClock()
    return {
      open() {
        const registry = fileRegistry(directory, { pollMs: 5, clock })
        opened.push(registry)
        return registry
      },
      service: 'greeter',
      ttlMs: 1_000,
      patienceMs: 5_000,
      elapse: async ms => clock.skip(ms),
      running: () => process.getActiveResourcesInfo().filter(resource => resource.startsWith('FSReq')).length,
      lose: () => rename(directory, elsewhere),
      restore: () => rename(elsewhere, directory),
      async end() {
        for (const registry of opened) await registry.close()
        await rm(directory, { recursive: true, force: true })
      },
    }
  },
  teardown: subject => subject.end(),
}

proveRegistry({ describe, it }, 'the file registry', subjects)
// #endregion prove

describe('the file registry', () => {
  it('tells of a file that is no node, once, and goes on without it', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'headrace-registry-'))
    const registry = fileRegistry(directory)
    const events: AdapterEvent[] = []
    registry.events.subscribe(event => events.push(event))
    await writeFile(join(directory, 'half.json'), '{"service":')
    expect(await firstValueFrom(registry.list())).toEqual([])
    expect(await firstValueFrom(registry.lookup('half'))).toEqual([])
    expect(events).toMatchObject([{ kind: 'fault', error: { kind: 'bad_request' } }])
    expect(await readdir(directory)).toEqual(['half.json'])
    await registry.close()
    await rm(directory, { recursive: true })
  })
})
