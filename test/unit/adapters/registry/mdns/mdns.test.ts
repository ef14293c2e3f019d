import { randomUUID } from 'node:crypto'
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { filter, firstValueFrom, lastValueFrom, take, toArray } from 'rxjs'
import { afterEach, expect, it } from 'vitest'
import { mdns, type MdnsOptions } from 'headrace/adapters/registry/mdns'
import type { AdapterEvent, Registry, RegistryEvent, ServiceRecord } from 'headrace/streams'

const open: Registry[] = []
const sockets: Socket[] = []
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.close()
  await Promise.all(open.splice(0).map(registry => registry.close()))
  await noHandles()
})

function handle(options?: MdnsOptions): Registry {
  const registry = mdns({ interface: '127.0.0.1', ...options })
  open.push(registry)
  return registry
}

async function udpSocket(
  options: { readonly port?: number; readonly exclusive?: boolean } = {},
): Promise<Socket> {
  const socket = createSocket({ type: 'udp4', reuseAddr: options.exclusive !== true })
  sockets.push(socket)
  socket.bind(options.port ?? 0, '127.0.0.1')
  await once(socket, 'listening')
  socket.setMulticastInterface('127.0.0.1')
  return socket
}

function record(name: string, address = '127.0.0.1:18080'): ServiceRecord {
  return {
    name,
    version: '1.0.0',
    metadata: {},
    endpoints: [],
    nodes: [{ id: `${name}-1`, address, metadata: {} }],
  }
}

const done = (operation: ReturnType<Registry['register']>) =>
  lastValueFrom(operation, { defaultValue: undefined })
const udpHandles = () => process.getActiveResourcesInfo().filter(resource => /udp/i.test(resource)).length
/** The operating system's handle goes a turn of the event loop after its socket. */
const noHandles = () => expect.poll(udpHandles, { interval: 1 }).toBe(0)

it('opens no socket before it is used, and has none after it is closed', async () => {
  const registry = handle()
  expect(udpHandles()).toBe(0)
  const name = `service-${randomUUID()}`
  await done(registry.register(record(name)))
  registry.watch().subscribe()
  await firstValueFrom(registry.lookup(name))
  expect(udpHandles()).toBe(2)
  await registry.close()
  await noHandles()
})

it('closes its sockets when nothing needs them any more', async () => {
  const registry = handle()
  const service = record(`service-${randomUUID()}`)
  await done(registry.register(service))
  await firstValueFrom(registry.watch(service.name))
  await done(registry.deregister(service))
  await noHandles()
})

it('shows its own nodes to its own watches', async () => {
  const registry = handle()
  const name = `service-${randomUUID()}`
  const kinds = firstValueFrom(registry.watch(name).pipe(take(3), toArray()))
  const watching = registry.watch(name).subscribe()
  await expect.poll(async () => (await firstValueFrom(registry.watch(name))).kind).toBe('reset')
  await done(registry.register(record(name)))
  await done(registry.deregister(record(name)))
  expect((await kinds).map(event => event.kind)).toEqual(['reset', 'create', 'delete'])
  watching.unsubscribe()
})

it('carries IPv6 nodes', async () => {
  const [here, there] = [handle(), handle()]
  const service = record(`service-${randomUUID()}`, '[::1]:18080')
  await done(here.register(service))
  expect(await firstValueFrom(there.lookup(service.name))).toEqual([service])
})

it('separates domains', async () => {
  const [local, micro] = [handle({ domains: ['local'] }), handle({ domains: ['micro'] })]
  const service = record(`service-${randomUUID()}`)
  await done(micro.register(service))
  expect(await firstValueFrom(local.lookup(service.name))).toEqual([])
  expect(await firstValueFrom(handle({ domains: ['micro'] }).lookup(service.name))).toEqual([service])
})

it('says which interfaces there are when the chosen one is not there', async () => {
  const failing = handle({ interface: '192.0.2.77' })
  const expected = {
    kind: 'unavailable',
    message: expect.stringMatching(/192\.0\.2\.77.*127\.0\.0\.1.*--registry=/),
  }
  await expect(done(failing.register(record('x')))).rejects.toMatchObject(expected)
  await expect(firstValueFrom(failing.lookup('x'))).rejects.toMatchObject(expected)
  await expect(firstValueFrom(failing.watch('x'))).rejects.toMatchObject(expected)
})

it('says so when another program keeps the port to itself', async () => {
  const taken = await udpSocket({ exclusive: true })
  const failing = handle({ port: taken.address().port })
  const started = performance.now()
  await expect(done(failing.register(record('x')))).rejects.toMatchObject({
    kind: 'unavailable',
    message: expect.stringMatching(
      /no multicast at 224\.0\.0\.251:\d+ on 127\.0\.0\.1: .*EADDRINUSE.*--registry=/,
    ),
  })
  expect(performance.now() - started).toBeLessThan(3_000)
})

it('reports packets that cannot be read, and goes on', async () => {
  const registry = handle()
  const service = record(`service-${randomUUID()}`)
  await done(registry.register(service))
  const fault = firstValueFrom(
    registry.events.pipe(
      filter((event): event is AdapterEvent & { kind: 'fault' } => event.kind === 'fault'),
    ),
  )
  const stranger = await udpSocket()
  stranger.send(Uint8Array.from([1, 2, 3]), 5_353, '224.0.0.251')
  expect((await fault).error).toMatchObject({
    kind: 'bad_request',
    message: expect.stringContaining(`127.0.0.1:${stranger.address().port}`),
  })
  expect(await firstValueFrom(handle().lookup(service.name))).toEqual([service])
})

it.each([
  [{ interface: 'lo' }],
  [{ domains: [''] }],
  [{ domains: ['a..b'] }],
  [{ domains: [] }],
  [{ port: 0 }],
  [{ queryMs: 0 }],
  [{ maxNodes: 0 }],
  [{ maxTextBytes: 1 }],
] satisfies [MdnsOptions][])('refuses the option %j', options => {
  expect(() => mdns(options)).toThrow(expect.objectContaining({ kind: 'bad_request' }))
})

it.each(['localhost:80', '127.0.0.1', '127.0.0.1:0'])("refuses a node at '%s'", async address => {
  await expect(done(handle().register(record('x', address)))).rejects.toMatchObject({ kind: 'bad_request' })
})

it('refuses a service of the name that lists are asked by', async () => {
  await expect(done(handle().register(record('_services')))).rejects.toMatchObject({ kind: 'bad_request' })
})

it('is in both domains of go-micro: seen once there, by each generation, and gone from both', async () => {
  const service = record(`service-${randomUUID()}`)
  const [ours, of2017, ofVersionOne] = [
    handle(),
    handle({ domains: ['local'] }),
    handle({ domains: ['micro'] }),
  ]
  await done(ours.register(service))
  for (const registry of [ours, of2017, ofVersionOne])
    expect(await firstValueFrom(registry.lookup(service.name))).toEqual([service])
  expect(await firstValueFrom(ours.list())).toContain(service.name)
  const events: RegistryEvent[] = []
  const watching = ours.watch(service.name).subscribe(event => events.push(event))
  while (events.length === 0) await new Promise(resolve => setImmediate(resolve))
  expect(events).toEqual([{ kind: 'reset', services: [service] }])
  await done(ours.deregister(service))
  while (events.length === 1) await new Promise(resolve => setImmediate(resolve))
  expect(events.slice(1).map(({ kind }) => kind)).toEqual(['delete'])
  watching.unsubscribe()
  for (const registry of [ours, of2017, ofVersionOne])
    expect(await firstValueFrom(registry.lookup(service.name))).toEqual([])
})
