import { describe, expect, test } from 'vitest'
import type { ProcessFacts } from '../../../src/service/process-facts.js'
import type { ServiceOptions } from '../../../src/service/options.js'
import { resolveSettings } from '../../../src/service/settings.js'

const facts: ProcessFacts = {
  program: 'greeter',
  argv: [],
  env: {},
  log: () => undefined,
  print: () => undefined,
  uuid: () => 'uuid',
  networkInterfaces: () => ({}),
  onStopSignal: () => () => undefined,
  heapUsed: () => 0,
  activeResources: () => 0,
  onCollection: () => () => undefined,
}

const settle = (options: Partial<ServiceOptions>) => resolveSettings({ name: 'greeter', ...options }, facts)

/** A flag with a text, the setting it changes, and what that becomes; then what the program says instead. */
const flags = [
  ['server_name', 'salute', 'name', 'salute', 'other'],
  ['server_version', '2.0', 'version', '2.0', '3.0'],
  ['server_id', 'one', 'id', 'one', 'two'],
  ['server_address', '127.0.0.1:1', 'address', '127.0.0.1:1', ':2'],
  ['server_advertise', 'host:1', 'advertise', 'host:1', 'host:2'],
  ['server_metadata', 'a=1', 'metadata', { a: '1' }, { b: '2', a: '3' }],
  ['client_request_timeout', '500ms', 'timeoutMs', 500, 600],
  ['client_retries', '0', 'retries', 0, 3],
  ['client_pool_size', '7', 'maxConnectionsPerNode', 7, 8],
  ['client_pool_ttl', '1s', 'idleConnectionMs', 1_000, 2_000],
  ['register_ttl', '90', 'registerTtlMs', 90_000, 80_000],
  ['register_interval', '20s', 'registerIntervalMs', 20_000, 10_000],
] as const

describe('a setting', () => {
  test('allowed_origins goes before what the program allows', () => {
    const origins = { browser: { allowedOrigins: ['https://a.example'], topics: ['prices'] } }
    expect(settle(origins).browser.allowedOrigins).toEqual(['https://a.example'])
    expect(settle({ ...origins, argv: ['--allowed_origins=https://b.example'] }).browser).toMatchObject({
      allowedOrigins: ['https://b.example'],
      topics: ['prices'],
    })
    expect(() => settle({ env: { MICRO_ALLOWED_ORIGINS: '*' } })).toThrow('a list of origins')
  })

  test.each(flags)(
    '--%s=%s goes before its variable, that before the program',
    (flag, text, option, value, own) => {
      const program = { [option]: own } as Partial<ServiceOptions>
      const env = { [`MICRO_${flag.toUpperCase()}`]: text }
      expect(settle(program)[option]).toEqual(own)
      expect(settle({ ...program, env })[option]).toEqual(value)
      expect(settle({ ...program, argv: [`--${flag}`, text] })[option]).toEqual(value)
      const contrary = { [`MICRO_${flag.toUpperCase()}`]: flag === 'server_metadata' ? 'z=9' : '1' }
      if (flag !== 'client_request_timeout' && flag !== 'client_pool_ttl') {
        expect(settle({ env: contrary, argv: [`--${flag}`, text] })[option]).toEqual(value)
      }
    },
  )

  test.each([
    ['registry', 'memory'],
    ['transport', 'memory'],
    ['broker', 'memory'],
    ['selector', 'named'],
  ] as const)('--%s=%s names a part, with addresses', (kind, name) => {
    const { named } = settle({ argv: [`--${kind}=${name}`, '--registry_address=a,b'] })
    expect(named[kind]).toBe(name)
    expect(named.registryAddress).toEqual(['a', 'b'])
  })

  test('has the defaults that the help states', () => {
    expect(settle({})).toMatchObject({
      version: '1.0.0',
      id: 'uuid',
      address: ':0',
      timeoutMs: 5_000,
      retries: 1,
      maxConnectionsPerNode: 64,
      idleConnectionMs: 45_000,
      registerTtlMs: 60_000,
      registerIntervalMs: 30_000,
    })
  })

  test('makes an id that fits into a DNS label behind the name', () => {
    const uuid = '6ba7b810-9dad-41d1-80b4-00c04fd430c8'
    const id = (name: string) =>
      resolveSettings({ name, argv: [], env: {} }, { ...facts, uuid: () => uuid }).id
    expect(id('greeter')).toBe(uuid)
    expect(id('go.micro.srv.a-name-of-twenty-six-lettr')).toBe(uuid)
    expect(id('customer-notification-service')).toBe('6ba7b8109dad41d180b400c04fd430c8')
    expect(id('a-service-with-a-remarkably-long-name-indeed')).toBe('6ba7b8109dad41d180')
  })

  test('of 0 connections in the pool means the default, as in go-micro', () => {
    expect(settle({ argv: ['--client_pool_size=0'] }).maxConnectionsPerNode).toBe(64)
  })

  test('the interval follows a short time to live, unless it is given', () => {
    expect(settle({ registerTtlMs: 2_000 }).registerIntervalMs).toBe(1_000)
    expect(settle({ argv: ['--register_ttl=2'] }).registerIntervalMs).toBe(1_000)
    expect(settle({ registerTtlMs: 2_000, registerIntervalMs: 500 }).registerIntervalMs).toBe(500)
    expect(settle({ registerIntervalMs: 0 }).registerIntervalMs).toBe(0)
  })

  test.each<[Partial<ServiceOptions>, string]>([
    [{ name: '' }, "option 'name' must be"],
    [{ timeoutMs: -1 }, "option 'timeoutMs' must be a finite number of milliseconds, at least 1, not -1"],
    [{ retries: 1.5 }, "option 'retries' must be"],
    [{ adress: ':0' } as Partial<ServiceOptions>, "unknown option 'adress'; known are name, version"],
    [{ advertise: '' }, "option 'advertise' must be"],
    [
      { registerTtlMs: 1_000, registerIntervalMs: 2_000 },
      'registerIntervalMs 2000 is longer than registerTtlMs 1000',
    ],
    [{ argv: ['--register_interval=90'] }, 'registerIntervalMs 90000 is longer than registerTtlMs 60000'],
    [
      { argv: ['--client_request_timeout=0'] },
      '--client_request_timeout (MICRO_CLIENT_REQUEST_TIMEOUT) must be',
    ],
    [{ argv: ['--server_name='] }, '--server_name (MICRO_SERVER_NAME) must be a text'],
    [{ argv: ['--registry=etcd'] }, "unknown registry 'etcd'; known are mdns, memory"],
    [{ env: { MICRO_TRANSPORT: 'udp' } }, "unknown transport 'udp'; known are http, http-plain, ws, memory"],
    [{ argv: ['--broker=x'] }, "unknown broker 'x'; known are http, memory"],
    [{ argv: ['--selector=x'] }, "unknown selector 'x'; known are "],
    [{ argv: ['--client=grpc'] }, "unknown client 'grpc'; known are rpc and mucp"],
    [{ argv: ['--server=grpc'] }, "unknown server 'grpc'; known are rpc and mucp"],
    [{ argv: ['--verbose'] }, 'unknown flag --verbose; known are --client'],
  ])('%j is refused: %s', (options, text) => {
    expect(() => settle(options)).toThrow(
      expect.objectContaining({ kind: 'bad_request', message: expect.stringContaining(text) }),
    )
  })
})

describe('flags of the program', () => {
  const own = {
    run_client: { kind: 'switch', help: 'Runs the client' },
    who: { kind: 'text', env: 'WHO', help: '' },
  } as const

  test('are read with the others, and given alone', () => {
    const settings = resolveSettings(
      { name: 'greeter', flags: own, argv: ['--run_client', '--server_id=x'] },
      facts,
    )
    expect([settings.ownFlags, settings.id]).toEqual([{ run_client: true }, 'x'])
    expect(resolveSettings({ name: 'greeter', flags: own, env: { WHO: 'John' } }, facts).ownFlags).toEqual({
      who: 'John',
    })
  })

  test('must not be those of every service', () => {
    const flags = { registry: { kind: 'text', help: '' } } as const
    expect(() => resolveSettings({ name: 'greeter', flags }, facts)).toThrow(
      expect.objectContaining({ kind: 'conflict', message: expect.stringContaining('--registry') }),
    )
  })
})
