import { describe, expect, test } from 'vitest'
import { createService, definePlugin } from 'headrace'
import { memory as memoryRegistry } from 'headrace/adapters/registry/memory'
import { findPlugin } from '../../src/plugins.js'

describe('a plugin', () => {
  test('is chosen by its flag, and gets the addresses of it', async () => {
    const made: unknown[] = []
    definePlugin({
      kind: 'registry',
      name: 'planted',
      create: settings => {
        made.push(settings.addresses)
        return memoryRegistry({ clock: settings.clock })
      },
    })
    const service = createService({
      name: 'greeter',
      argv: ['--registry=planted', '--registry_address=a:1,b:2', '--transport=memory', '--broker=memory'],
      env: {},
      log: false,
    })
    await service.start()
    expect(made).toEqual([['a:1', 'b:2']])
    await service.close()
  })

  test('goes before an adapter that the program gives, which is closed all the same', async () => {
    let closed = 0
    const given = memoryRegistry()
    const registry = Object.assign(Object.create(given) as typeof given, {
      close: () => {
        closed += 1
        return given.close()
      },
    })
    const argv = ['--registry=memory', '--transport=memory', '--broker=memory']
    const service = createService({ name: 'greeter', registry, argv, env: {}, log: false })
    await service.start()
    expect(closed).toBe(0)
    await service.close()
    expect(closed).toBe(1)
  })

  test('that fails leaves nothing behind, and is tried again', async () => {
    let tries = 0
    let closed = 0
    definePlugin({
      kind: 'transport',
      name: 'failing',
      create: () => {
        tries += 1
        throw new Error(`planted ${tries}`)
      },
    })
    definePlugin({
      kind: 'registry',
      name: 'counted',
      create: () => {
        const registry = memoryRegistry()
        return Object.assign(Object.create(registry) as typeof registry, {
          close: () => {
            closed += 1
            return registry.close()
          },
        })
      },
    })
    const argv = ['--registry=counted', '--transport=failing', '--broker=memory']
    const service = createService({ name: 'caller', argv, env: {}, log: false })
    for (const at of [1, 2]) {
      const call = service.client('greeter').call('Greeter.Hello')
      await expect(call).rejects.toMatchObject({ name: 'ServiceError', detail: `planted ${at}` })
      expect(closed).toBe(at)
    }
    await service.close()
  })

  test.each([
    ['registry', 'mdns'],
    ['transport', 'http'],
    ['selector', 'default'],
    ['broker', 'twice'],
  ] as const)('does not take the name of the %s %s', (kind, name) => {
    const plugin = { kind, name, create: () => Promise.reject(new Error('unused')) }
    if (name === 'twice') definePlugin(plugin)
    expect(() => definePlugin(plugin)).toThrow(
      expect.objectContaining({ kind: 'conflict', message: `there is a ${kind} named '${name}' already` }),
    )
  })

  test('that nobody defined is an error that lists those that are', () => {
    definePlugin({ kind: 'broker', name: 'listed', create: () => Promise.reject(new Error('unused')) })
    expect(() => findPlugin('broker', 'nats')).toThrow(
      /unknown broker 'nats'; known are http, memory, .*listed/,
    )
  })
})
