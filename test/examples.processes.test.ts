import { randomUUID } from 'node:crypto'
import { readdirSync } from 'node:fs'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { createService } from 'headrace'
import { loopbackFlags } from './support/programs.js'
import { startExample, type ExampleProcess } from './support/example-process.js'

const running: ExampleProcess[] = []
afterEach(async () => {
  for (const { child, ended } of running.splice(0)) {
    child.kill('SIGKILL')
    await ended
  }
})

const start = (...args: Parameters<typeof startExample>): ExampleProcess => {
  const process = startExample(...args)
  running.push(process)
  return process
}

// A name of its own: other runs on this machine share the loopback interface.
const uniqueName = () => `greeter-${randomUUID().slice(0, 8)}`

/** Every flag of a service with a value that changes nothing here. */
const everyFlag = [
  '--client=rpc',
  '--client_request_timeout=4s',
  '--client_retries=2',
  '--client_pool_size=8',
  '--client_pool_ttl=1m',
  '--server=rpc',
  '--server_version=1.2.3',
  '--server_advertise=127.0.0.1',
  '--server_metadata=zone=a',
  '--server_metadata=tier=1',
  '--allowed_origins=http://localhost:1',
  '--broker=http',
  '--registry=mdns',
  '--selector=cache',
  '--transport=http',
  '--transport_address=127.0.0.1:0',
  '--register_ttl=20',
  '--register_interval=10s',
]

describe('npm start', () => {
  test('prints what the greeter and its client do, in order, and exits 0', async () => {
    const began = performance.now()
    const all = start('start', [], { flags: [] })
    await all.shows('Hello John')
    expect(performance.now() - began).toBeLessThan(5 * 3_000)
    expect(await all.ended).toBe(0)
    expect(all.stderr).toEqual([])
    expect(all.stdout).toEqual([
      expect.stringMatching(/^Listening on 127\.0\.0\.1:\d+$/),
      expect.stringMatching(/^Broker Listening on 127\.0\.0\.1:\d+$/),
      expect.stringMatching(/^Registering node: greeter-\d+-[0-9a-f-]{36}$/),
      'Hello John',
      ...[1, 2, 3].map(count => `stream: ${count}`),
      ...[0, 1, 2].map(count => `server stream: ${count}`),
      'Received event: Hello from the client',
      'published to 1 subscriber(s)',
    ])
  })

  test('fails when one of the two fails', async () => {
    const all = start('start', ['--no_such_flag'], { flags: [] })
    expect(await all.ended).toBe(1)
  })
})

describe('npm run greeter', () => {
  test('serves until SIGINT; --run_client says Hello John in its last line; both under another name', async () => {
    const name = `--server_name=${uniqueName()}`
    const greeter = start('greeter/main', [name])
    await greeter.shows('Registering node: greeter-')
    const client = start('greeter/main', [name, '--run_client'])
    expect(await client.ended).toBe(0)
    expect(client.stdout).toEqual(['Hello John'])
    greeter.child.kill('SIGINT')
    expect(await greeter.ended).toBe(0)
    expect(greeter.stdout).toEqual([])
    expect(greeter.stderr).toHaveLength(3)
  })

  test('takes every flag, on both sides', async () => {
    const flags = [...everyFlag, `--server_name=${uniqueName()}`]
    const greeter = start('greeter/main', [...flags, `--server_id=${randomUUID()}`])
    await greeter.shows('Registering node: ')
    const client = start('greeter/main', [...flags, '--run_client'])
    expect(await client.ended).toBe(0)
    expect(client.stdout.at(-1)).toBe('Hello John')
    greeter.child.kill('SIGTERM')
    expect(await greeter.ended).toBe(0)
  })

  test('prints its help, which names every flag and those of the program', async () => {
    const help = start('greeter/main', ['--help'])
    expect(await help.ended).toBe(0)
    const text = help.stdout.join('\n')
    for (const flag of [...everyFlag, ...loopbackFlags, '--run_client'])
      expect(text).toContain(flag.replace(/=.*/, ''))
  })

  test('refuses what it does not know in one line that says what it knows', async () => {
    const refusals = Object.entries({
      '--no_such_flag': 'unknown flag --no_such_flag; known are --',
      '--registry=etcd': "unknown registry 'etcd'; known are mdns, memory",
      '--transport=grpc': "unknown transport 'grpc'; known are http, http-plain, ws, memory",
      '--broker=nats': "unknown broker 'nats'; known are http, memory",
      '--selector=dns': "unknown selector 'dns'; known are default, ",
      '--client_retries=some': "--client_retries must be a whole number, not 'some'",
    }).map(async ([flag, line]) => {
      const greeter = start('greeter/main', [flag, `--server_name=${uniqueName()}`])
      expect(await greeter.ended).toBe(1)
      expect(greeter.stdout).toEqual([])
      expect(greeter.stderr.at(-1)).toContain(line)
      expect(greeter.stderr.filter(each => each.includes('known'))).toHaveLength(
        flag.includes('some') ? 0 : 1,
      )
    })
    await Promise.all(refusals)
  })

  test('--run_client without a greeter fails and says which name it looked for', async () => {
    const name = uniqueName()
    const client = start('greeter/main', [`--server_name=${name}`, '--run_client'])
    expect(await client.ended).toBe(1)
    expect(client.stdout).toEqual([])
    expect(client.stderr).toEqual([expect.stringContaining(name)])
  })

  test('is ready to serve within 1.5 s, when its adapters have been loaded', async () => {
    for (const round of ['loads', 'counts']) {
      const service = createService({ name: uniqueName(), argv: loopbackFlags, log: false })
      const began = performance.now()
      await service.start()
      if (round === 'counts') expect(performance.now() - began).toBeLessThan(5 * 300)
      await service.close({ lingerMs: 0 })
    }
  })
})

describe('over a registry of their own', () => {
  // Given to each program by one import and two flags: the names of two runs on one machine do not meet.
  const directories: string[] = []
  afterEach(async () => {
    for (const directory of directories.splice(0)) await rm(directory, { recursive: true })
  })
  const inDirectory = async () => {
    const directory = await mkdtemp(join(tmpdir(), 'headrace-example-'))
    directories.push(directory)
    const plugin = pathToFileURL('build/examples/registry/plugin.js')
    return {
      flags: ['--registry=file', `--registry_address=${directory}`, '--server_address=127.0.0.1:0'],
      env: { NODE_OPTIONS: `--import=${plugin.href}`, MICRO_BROKER_ADDRESS: '127.0.0.1:0' },
    }
  }

  test('hello is a service in one terminal and a client in another', async () => {
    const place = await inDirectory()
    const service = start('hello/service', [], place)
    await service.shows('Registering node: hello-')
    await vi.waitFor(async () => expect(await readdir(directories[0] ?? '')).not.toEqual([]))
    const client = start('hello/client', [], place)
    expect(await client.ended, client.stderr.join('\n')).toBe(0)
    expect(client.stdout).toEqual(['Hello John'])
    service.child.kill('SIGTERM')
    expect(await service.ended).toBe(0)
  })

  test('browser serves its page until SIGINT', async () => {
    const page = start('browser/main', [], await inDirectory())
    await page.shows('open http://127.0.0.1:')
    page.child.kill('SIGINT')
    expect(await page.ended, page.stderr.join('\n')).toBe(0)
  })

  // A few at a time: each is a process that loads everything.
  test.each(inGroups(otherExamples()))(
    'these examples run alone, over http, and end by themselves: %s %s %s',
    async (...names) => {
      const outcomes = await Promise.all(
        names.map(async name => {
          const example = start(`${name}/main`, [], await inDirectory())
          return { name, code: await example.ended, stderr: example.stderr, lines: example.stdout.length }
        }),
      )
      expect(outcomes.filter(({ code, lines }) => code !== 0 || lines < 3)).toEqual([])
    },
  )
})

/** All but those that wait for somebody. */
function otherExamples(): readonly string[] {
  return readdirSync('examples', { withFileTypes: true })
    .filter(entry => entry.isDirectory() && !['hello', 'greeter', 'browser'].includes(entry.name))
    .map(({ name }) => name)
}

function inGroups(names: readonly string[], size = 3): readonly string[][] {
  return names.flatMap((_, at) => (at % size === 0 ? [names.slice(at, at + size)] : []))
}
