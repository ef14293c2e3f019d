import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Service } from 'headrace'
import { createCliNetwork, type CliNetwork } from '../../support/cli.js'

let network: CliNetwork
let shop: Service
beforeEach(async () => {
  network = createCliNetwork()
  shop = network.service('shop', { id: 'one' })
  shop.handle({ Shop: { Order: () => ({}) } })
  await shop.start()
})
afterEach(() => shop.close())

describe('headrace watch', () => {
  test('tells each node that comes and goes, as lines of text or of JSON', async () => {
    const text: string[] = []
    const watching = network.headrace(['watch'], {
      onOutput: (line, interrupt) => {
        text.push(line)
        if (line.startsWith('-')) interrupt()
      },
    })
    const json: string[] = []
    const watchingJson = network.headrace(['watch', 'other', '--json'], {
      onOutput: (line, interrupt) => {
        json.push(line)
        if (line.includes('"down"')) interrupt()
      },
    })
    await expect.poll(() => text.length).toBe(1)
    const other = network.service('other', { id: 'two', version: '2.0.0' })
    await other.start()
    await expect.poll(() => [text.length, json.length]).toEqual([2, 1])
    await other.close()
    expect(await watching).toMatchObject({ code: 0, stderr: '' })
    expect(await watchingJson).toMatchObject({ code: 0, stderr: '' })
    expect(text).toEqual([
      `+ shop 1.0.0 shop-one ${shop.address}\n`,
      expect.stringMatching(/^\+ other 2\.0\.0 other-two 127\.0\.0\.1:\d+\n$/),
      expect.stringMatching(/^- other 2\.0\.0 other-two 127\.0\.0\.1:\d+\n$/),
    ])
    expect(json.map(line => JSON.parse(line))).toMatchObject([
      { change: 'up', service: 'other', version: '2.0.0', id: 'other-two', metadata: { registry: 'memory' } },
      { change: 'down', service: 'other', version: '2.0.0', id: 'other-two' },
    ])
  })

  test('draws a terminal anew', async () => {
    const { stdout } = await network.headrace(['watch'], {
      columns: 60,
      env: { NO_COLOR: '1' },
      onOutput: (line, interrupt) => {
        if (line.startsWith('shop')) interrupt()
      },
    })
    expect(stdout).toMatch(
      /^\x1b\[H\x1b\[2J1 services, 1 nodes\n\nSERVICE {2}VERSION {2}NODE +ADDRESS\nshop +1\.0\.0 /,
    )
  })
})

describe('headrace register and deregister', () => {
  test('a node is there until SIGINT', async () => {
    const argv = [
      'register',
      'legacy',
      '127.0.0.1:9',
      '--server_version=2.1.0',
      '--server_metadata=zone=north',
    ]
    let stop: () => void = () => undefined
    const registering = network.headrace(argv, { onOutput: (_, interrupt) => (stop = interrupt) })
    await expect.poll(async () => (await network.headrace(['list'])).stdout).toBe('legacy\nshop\n')
    const { stdout } = await network.headrace(['get', 'legacy', '--json'])
    expect(JSON.parse(stdout)).toEqual([
      {
        name: 'legacy',
        version: '2.1.0',
        metadata: {},
        endpoints: [],
        nodes: [{ id: 'legacy-127.0.0.1-9', address: '127.0.0.1:9', metadata: { zone: 'north' } }],
      },
    ])
    stop()
    expect(await registering).toEqual({
      code: 0,
      stdout: 'registered legacy 2.1.0 legacy-127.0.0.1-9\nderegistered legacy 2.1.0 legacy-127.0.0.1-9\n',
      stderr: '',
    })
    expect((await network.headrace(['list'])).stdout).toBe('shop\n')
  })

  test('takes what get prints, and what the tools of go-micro take', async () => {
    const record = { name: 'go', version: '1', nodes: [{ id: 'go-1', address: '127.0.0.1', port: 8080 }] }
    const { stdout, code } = await network.headrace(['register', '-'], {
      lines: [JSON.stringify(record)],
      onOutput: (_, interrupt) => interrupt(),
    })
    expect({ stdout, code }).toEqual({ code: 0, stdout: 'registered go 1 go-1\nderegistered go 1 go-1\n' })
  })

  test('a node that crashed is taken out by hand', async () => {
    expect(await network.headrace(['deregister', 'shop', 'shop-one'])).toEqual({
      code: 0,
      stdout: 'deregistered shop 1.0.0 shop-one\n',
      stderr: '',
    })
    expect((await network.headrace(['list'])).stdout).toBe('')
  })

  test.each<[string[], number, RegExp]>([
    [['register', 'legacy', 'nowhere'], 2, /'nowhere' is no address; write host:port/],
    [['register', '{"name":"x"}'], 2, /the record: nodes must be a list with at least one node/],
    [['register', '{"name":"x","nodes":[{"id":"1"}]}'], 2, /the record: nodes\[0\]\.address must be a text/],
    [['register', '{"name":'], 2, /the record is not JSON/],
    [
      ['register', 'legacy'],
      2,
      /an address is missing behind 'legacy'; usage: headrace register NAME ADDRESS/,
    ],
    [['deregister', 'shop', 'two'], 3, /shop has no node 'two'; it has shop-one/],
    [['deregister', 'none', 'two', '--wait=0'], 3, /no service 'none'/],
  ])('%j is refused', async (argv, code, line) => {
    const outcome = await network.headrace(argv)
    expect(outcome).toMatchObject({ code, stdout: '' })
    expect(outcome.stderr).toMatch(line)
    expect(outcome.stderr).toMatch(/^[^\n]*\n$/)
  })
})

describe('headrace health and stats', () => {
  test('ask each node, and say which does not answer', async () => {
    const { stdout, code } = await network.headrace(['health', 'shop'])
    expect({ code, rows: stdout.split('\n')[1] }).toEqual({
      code: 0,
      rows: expect.stringMatching(/^shop-one +1\.0\.0 +127\.0\.0\.1:\d+ +ok$/),
    })
    const stats = await network.headrace(['stats', 'shop', '--json'])
    expect(JSON.parse(stats.stdout)).toMatchObject([
      { id: 'shop-one', stats: { memory: expect.any(Number) } },
    ])
    expect((await network.headrace(['stats', 'shop'])).stdout).toMatch(/\d MiB +\d+ +[\d.]+ ms\n$/)
    let stop: () => void = () => undefined
    const dead = network.headrace(['register', 'shop', '127.0.0.1:9'], {
      onOutput: (_, interrupt) => (stop = interrupt),
    })
    await expect.poll(async () => (await network.headrace(['get', 'shop', '--json'])).stdout).toContain(':9"')
    const sick = await network.headrace(['health', 'shop', '--json'])
    expect(sick.code).toBe(4)
    expect(JSON.parse(sick.stdout)).toMatchObject([
      { id: 'shop-one', status: 'ok' },
      { id: 'shop-127.0.0.1-9', error: { code: 503 } },
    ])
    stop()
    await dead
  })
})

describe('headrace publish and subscribe', () => {
  test('an event goes from one to the other', async () => {
    const received = network.headrace(['subscribe', 'orders', '--count=2'])
    await expect
      .poll(async () => (await network.headrace(['publish', 'orders', '{"id": 1}'])).stdout)
      .toMatch(/: ok\n$/)
    const { code, stdout } = await network.headrace(['publish', 'orders', '{"id": 2}', '--json'])
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toEqual([{ subscriber: expect.any(String) }])
    expect(await received).toEqual({ code: 0, stdout: '{"id":1}\n{"id":2}\n', stderr: '' })
  })

  test('that nobody listens is said, and no failure', async () => {
    expect(await network.headrace(['publish', 'orders', '{}'])).toEqual({
      code: 0,
      stdout: 'nobody listens\n',
      stderr: '',
    })
    expect((await network.headrace(['publish', 'orders', '{'])).code).toBe(2)
  })

  test('a subscription ends in order with SIGINT', async () => {
    let publish: ReturnType<CliNetwork['headrace']> | undefined
    const received = await network.headrace(['subscribe', 'orders', '--queue=q', '--count=0'])
    expect(received).toEqual({ code: 0, stdout: '', stderr: '' })
    const stopped = network.headrace(['subscribe', 'orders', '--queue=q'], {
      onOutput: (_, interrupt) => interrupt(),
    })
    await expect
      .poll(async () => (await (publish = network.headrace(['publish', 'orders', '1']))).stdout)
      .toMatch(/: ok\n$/)
    await publish
    expect(await stopped).toEqual({ code: 0, stdout: '1\n', stderr: '' })
  })
})
