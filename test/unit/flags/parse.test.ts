import { describe, expect, test } from 'vitest'
import { helpText, parseFlags, serviceFlags, type FlagSpec } from '../../../src/flags.js'
import { parseDuration } from '../../../src/flags/duration.js'

const table = {
  name: { kind: 'text', env: 'NAME', help: 'A name' },
  peers: { kind: 'list', env: 'PEERS', help: 'Peers' },
  wait: { kind: 'duration', env: 'WAIT', help: 'A duration' },
  ttl: { kind: 'seconds', env: 'TTL', help: 'Seconds' },
  retries: { kind: 'count', env: 'RETRIES', help: 'A number' },
  folder: { kind: 'texts', env: 'FOLDER', help: 'Folders' },
  label: { kind: 'pairs', env: 'LABEL', help: 'Pairs' },
  verbose: { kind: 'switch', env: 'VERBOSE', help: 'A switch' },
} as const satisfies Record<string, FlagSpec>

const parse = (argv: readonly string[], env = {}) => parseFlags(table, argv, env).values

describe('flags', () => {
  test.each<[string[], object]>([
    [['--name', 'a'], { name: 'a' }],
    [['--name=a'], { name: 'a' }],
    [['-name=a'], { name: 'a' }],
    [['-name', 'a'], { name: 'a' }],
    [['--name='], { name: '' }],
    [['--name=a=b'], { name: 'a=b' }],
    [['--name', '--wait=1s'], { name: '--wait=1s' }],
    [['word', '--name', 'a', 'another', '-'], { name: 'a' }],
    [['--name', 'a', '--', '--unknown'], { name: 'a' }],
    [['--name', 'a', '--name', 'b'], { name: 'b' }],
    [['--folder', 'a', '--folder=b,c'], { folder: ['a', 'b,c'] }],
    [['--peers', 'a,b,,c'], { peers: ['a', 'b', 'c'] }],
    [['--wait', '1m30s'], { wait: 90_000 }],
    [['--ttl', '2'], { ttl: 2_000 }],
    [['--ttl', '500ms'], { ttl: 500 }],
    [['--retries', '0'], { retries: 0 }],
    [['--label', 'a=1', '--label=b=2=3', '--label', 'c'], { label: { a: '1', b: '2=3', c: '' } }],
    [['--label', 'a=1,2'], { label: { a: '1,2' } }],
    [['--verbose'], { verbose: true }],
    [['--verbose', 'false'], { verbose: true }],
    [['--verbose=false'], { verbose: false }],
    [['--verbose=T'], { verbose: true }],
    [['--verbose=0'], { verbose: false }],
    [[], {}],
  ])('%j is %j', (argv, values) => {
    expect(parse(argv)).toEqual(values)
  })

  test.each<[object, object]>([
    [{ NAME: 'a' }, { name: 'a' }],
    [{ NAME: '' }, {}],
    [{ LABEL: 'a=1,b=2' }, { label: { a: '1', b: '2' } }],
    [{ VERBOSE: 'true' }, { verbose: true }],
    [{ TTL: '3' }, { ttl: 3_000 }],
    [{ OTHER: 'x' }, {}],
  ])('of the environment %j is %j', (env, values) => {
    expect(parse([], env)).toEqual(values)
  })

  test('a flag goes before its variable', () => {
    expect(parse(['--name=flag'], { NAME: 'variable' })).toEqual({ name: 'flag' })
  })

  test.each<[string[], object, string]>([
    [['--nmae=a'], {}, 'unknown flag --nmae=a; did you mean --name?'],
    [['--else=a'], {}, 'unknown flag --else=a; known are --name, --peers'],
    [['--constructor'], {}, 'unknown flag --constructor'],
    [['--1'], {}, 'unknown flag --1'],
    [['---name'], {}, 'unknown flag ---name'],
    [['--name'], {}, '--name needs a value'],
    [['--wait', '5'], {}, "--wait must be a duration such as 500ms, 5s or 1m30s, not '5'"],
    [[], { WAIT: 'soon' }, "WAIT must be a duration such as 500ms, 5s or 1m30s, not 'soon'"],
    [['--retries', '-1'], {}, "--retries must be a whole number, not '-1'"],
    [['--retries', '1.5'], {}, "--retries must be a whole number, not '1.5'"],
    [['--verbose=maybe'], {}, "--verbose must be true or false, not 'maybe'"],
  ])('%j with %j is refused: %s', (argv, env, text) => {
    expect(() => parse(argv, env)).toThrow(
      expect.objectContaining({ kind: 'bad_request', message: expect.stringContaining(text) }),
    )
  })

  test.each([['--help'], ['-h'], ['-help']])('%s asks for help', word => {
    expect(parseFlags(table, [word], {}).help).toBe(true)
  })

  test('the help has a line for each flag, with its variable', () => {
    const text = helpText('greeter', table)
    expect(text.split('\n')[0]).toBe('Usage: greeter [flags]')
    for (const [name, { env, help }] of Object.entries(table)) {
      expect(text).toMatch(new RegExp(`^  --${name} +${help} \\[\\$${env}\\]$`, 'm'))
    }
  })
})

describe('the flags of every service', () => {
  test('are those of go-micro, two for the registration and one for web pages, each with its variable', () => {
    expect(Object.keys(serviceFlags).sort()).toEqual([
      ...['allowed_origins', 'broker', 'broker_address', 'client', 'client_pool_size', 'client_pool_ttl'],
      ...['client_request_timeout', 'client_retries', 'register_interval', 'register_ttl'],
      ...['registry', 'registry_address', 'selector', 'server', 'server_address', 'server_advertise'],
      ...['server_id', 'server_metadata', 'server_name', 'server_version', 'transport', 'transport_address'],
    ])
    for (const [name, { env, help }] of Object.entries(serviceFlags)) {
      expect(env).toBe(`MICRO_${name.toUpperCase()}`)
      expect(help).toContain('Default: ')
    }
  })
})

describe('a duration', () => {
  test.each<[string, number | undefined]>([
    ['5s', 5_000],
    ['1m30s', 90_000],
    ['300ms', 300],
    ['1.5h', 5_400_000],
    ['.5s', 500],
    ['10us', 0.01],
    ['10µs', 0.01],
    ['1000000ns', 1],
    ['0', 0],
    ['', undefined],
    ['5', undefined],
    ['s', undefined],
    ['5 s', undefined],
    ['-5s', undefined],
    ['1d', undefined],
    ['1s2', undefined],
  ])('%j is %s ms', (text, ms) => {
    if (ms === undefined) expect(parseDuration(text)).toBeUndefined()
    else expect(parseDuration(text)).toBeCloseTo(ms, 9)
  })

  test('a bare number may have a unit', () => {
    expect([parseDuration('30', 's'), parseDuration('1.5', 's'), parseDuration('2m', 's')]).toEqual([
      30_000, 1_500, 120_000,
    ])
  })
})
