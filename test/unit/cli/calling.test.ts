import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ServiceError, bidi, serverStream, type Service } from 'headrace'
import { createCliNetwork, type CliNetwork } from '../../support/cli.js'

let network: CliNetwork
let shop: Service
beforeEach(async () => {
  network = createCliNetwork()
  shop = network.service('shop', { id: 'one', metadata: { zone: 'north' }, json: { bigints: true } })
  shop.handle({
    Shop: {
      Order: ({ id }: { id: number }) => ({ id, state: 'placed' }),
      Large: () => ({ id: 9_007_199_254_740_993n }),
      Refuse: () => {
        throw new ServiceError('forbidden', 'the shop is closed')
      },
      Header: (_: unknown, { metadata }: { metadata: Readonly<Record<string, string>> }) => metadata['Token'],
      Echo: bidi(requests => requests),
      Count: serverStream(function* ({ to }: { to: number }) {
        for (let n = 1; n <= to; n += 1) yield { n }
      }),
      Forever: serverStream(async function* () {
        for (let n = 1; ; n += 1) yield { n }
      }),
    },
  })
  shop.subscribe('orders', () => undefined, { name: 'book' })
  await shop.start()
})
afterEach(() => shop.close())

describe('headrace list', () => {
  test('names the services, in order', async () => {
    const other = network.service('another')
    await other.start()
    expect(await network.headrace(['list'])).toEqual({ code: 0, stdout: 'another\nshop\n', stderr: '' })
    expect(await network.headrace(['list', '--json'])).toMatchObject({ stdout: '["another","shop"]\n' })
    await other.close()
  })
})

describe('headrace get', () => {
  test('shows nodes, endpoints and topics', async () => {
    const { code, stdout } = await network.headrace(['get', 'shop'])
    expect(code).toBe(0)
    expect(stdout.split('\n').slice(0, 4)).toEqual([
      'shop 1.0.0',
      '',
      expect.stringMatching(/^NODE +ADDRESS +METADATA$/),
      expect.stringMatching(
        /^shop-one +127\.0\.0\.1:\d+ +broker=memory protocol=mucp registry=memory .*zone=north$/,
      ),
    ])
    expect(stdout).toContain('Shop.Order    any      any\n')
    expect(stdout).toContain('Shop.Echo     stream   stream\n')
    expect(stdout).toMatch(/TOPIC +EVENT +SUBSCRIBER\norders +any +book\n/)
  })

  test('with --json gives the records of the registry', async () => {
    const { stdout } = await network.headrace(['get', 'shop', '--json'])
    expect(JSON.parse(stdout)).toMatchObject([
      { name: 'shop', version: '1.0.0', nodes: [{ id: 'shop-one', metadata: { zone: 'north' } }] },
    ])
  })

  test('a name that nobody has is not found', async () => {
    const { code, stdout, stderr } = await network.headrace(['get', 'shpo', '--wait=10ms'])
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' })
    expect(stderr).toMatch(/^headrace: no service 'shpo' in the registry memory; [^\n]*\n$/)
  })
})

describe('headrace call', () => {
  test('prints the answer, for people and for machines', async () => {
    const argv = ['call', 'shop', 'Shop.Order', '{"id": 7}']
    expect(await network.headrace(argv)).toEqual({
      code: 0,
      stdout: '{\n  "id": 7,\n  "state": "placed"\n}\n',
      stderr: '',
    })
    expect((await network.headrace([...argv, '--json'])).stdout).toBe('{"id":7,"state":"placed"}\n')
    expect((await network.headrace(['--json', ...argv])).stdout).toBe('{"id":7,"state":"placed"}\n')
  })

  test('reads the request from standard input', async () => {
    const outcome = await network.headrace(['call', 'shop', 'Shop.Order', '-', '--json'], {
      lines: ['{', '"id": 1}'],
    })
    expect(outcome.stdout).toBe('{"id":1,"state":"placed"}\n')
  })

  test('keeps integers that a number cannot hold', async () => {
    expect((await network.headrace(['call', 'shop', 'Shop.Large', '--json'])).stdout).toBe(
      '{"id":9007199254740993}\n',
    )
  })

  test('sends metadata, and calls the address it is told', async () => {
    const argv = ['call', 'anything', 'Shop.Header', `--address=${shop.address}`, '--metadata=Token=abc']
    expect((await network.headrace(argv)).stdout).toBe('"abc"\n')
    expect((await network.headrace([...argv, '--dialect=mucp'])).stdout).toBe('"abc"\n')
  })

  test.each<[string[], number, RegExp]>([
    [['call', 'shop', 'Shop.Ordr'], 3, /shop has no endpoint 'Shop\.Ordr'; it has Shop\.Count, Shop\.Echo, /],
    [['call', 'shop', 'Shop.Count'], 2, /Shop\.Count is a stream; use headrace stream/],
    [['stream', 'shop', 'Shop.Order', '{}'], 2, /Shop\.Order is no stream; use headrace call/],
    [['call', 'shop', 'Shop.Refuse'], 6, /the shop is closed/],
    [['call', 'shop', 'Shop.Order', '{"id":'], 2, /the request is not JSON: Unexpected end of JSON input/],
    [['call', 'shop'], 2, /something is missing; usage: headrace call NAME ENDPOINT \[JSON\]/],
    [['call', 'shop', 'Shop.Order', '{}', '{}'], 2, /'\{\}' is too much; usage: headrace call /],
    [['call', 'shop', 'Shop.Order', '--no_such'], 2, /unknown flag --no_such; known are --metadata, /],
    [['call', 'shop', 'Shop.Order', '--address=127.0.0.1:1'], 4, /127\.0\.0\.1:1/],
    [['call', 'shop', 'Shop.Order', '--dialect=grpc'], 2, /--dialect must be rpc or mucp, not 'grpc'/],
    [['call', 'shop', 'Shop.Order', '--address='], 2, /option 'address' must be host:port, not ''/],
    [['call', '', 'Shop.Order'], 2, /an argument is empty; usage: headrace call NAME ENDPOINT \[JSON\]/],
    [['publish', '', '{}'], 2, /an argument is empty; usage: headrace publish TOPIC JSON/],
    [['gen', ''], 2, /an argument is empty; usage: headrace gen FILE…/],
    [['call', 'shop', 'Shop.Order', '--jsno'], 2, /unknown flag --jsno; did you mean --json\?/],
    [['new', 'shop', '--port'], 2, /unknown flag --port; did you mean --proto\?/],
    [['new', 'shop', '--no_such'], 2, /unknown flag --no_such; known are --proto, .*--wait, --help\n/],
    [['lst'], 2, /unknown command 'lst'; did you mean list\?/],
    [['cal', 'shop'], 2, /unknown command 'cal'; did you mean call\?/],
    [['frobnicate'], 2, /unknown command 'frobnicate'; known are list, /],
    [['--regsitry=mdns', 'list'], 2, /unknown flag --regsitry=mdns; did you mean --registry\?/],
    [['--metadata=a=b', 'call', 'shop'], 2, /unknown flag --metadata=a=b; flags of one command go behind/],
  ])('%j ends with %i', async (argv, code, line) => {
    const outcome = await network.headrace(argv)
    expect(outcome).toMatchObject({ code, stdout: '' })
    expect(outcome.stderr).toMatch(line)
    expect(outcome.stderr).toMatch(/^headrace: [^\n]*\n$/)
  })

  test('an error is JSON with --json, and shows its stack with --debug', async () => {
    const refused = await network.headrace(['call', 'shop', 'Shop.Refuse', '--json'])
    expect(JSON.parse(refused.stderr)).toEqual({
      error: {
        kind: 'forbidden',
        id: 'headrace',
        code: 403,
        detail: 'the shop is closed',
        status: 'Forbidden',
      },
    })
    const { stderr } = await network.headrace(['call', 'shop', 'Shop.Order', 'x', '--debug'])
    expect(stderr).toContain('Caused by: ')
    expect(stderr).toMatch(/\n {4}at /)
  })
})

describe('headrace stream', () => {
  test('sends its arguments, or the lines of standard input', async () => {
    expect(await network.headrace(['stream', 'shop', 'Shop.Count', '{"to": 2}'])).toEqual({
      code: 0,
      stdout: '{"n":1}\n{"n":2}\n',
      stderr: '',
    })
    const lines = ['{"a":1}', '', '[2]', '9007199254740993']
    expect((await network.headrace(['stream', 'shop', 'Shop.Echo'], { lines })).stdout).toBe(
      '{"a":1}\n[2]\n9007199254740993\n',
    )
  })

  test('a line that is not JSON ends it and is named', async () => {
    const outcome = await network.headrace(['stream', 'shop', 'Shop.Echo'], { lines: ['1', '{"a'] })
    expect(outcome.code).toBe(2)
    expect(outcome.stderr).toMatch(/^headrace: line 2 is not JSON: [^\n]*\n$/)
  })

  test('SIGINT cancels it in order', async () => {
    const outcome = await network.headrace(['stream', 'shop', 'Shop.Forever', '{}'], {
      onOutput: (text, interrupt) => {
        if (text === '{"n":3}\n') interrupt()
      },
    })
    expect(outcome).toEqual({ code: 0, stdout: '{"n":1}\n{"n":2}\n{"n":3}\n', stderr: '' })
  })

  test('a reader that goes away ends it without a word', async () => {
    const broken = Object.assign(new Error('write EPIPE'), { code: 'EPIPE' })
    const outcome = await network.headrace(['stream', 'shop', 'Shop.Forever', '{}'], {
      onOutput: text => {
        if (text === '{"n":3}\n') throw broken
      },
    })
    expect(outcome).toMatchObject({ code: 0, stderr: '' })
  })

  test('an endpoint that is not there is named', async () => {
    const outcome = await network.headrace(['stream', 'shop', 'Shop.Ech', '{}'])
    expect(outcome.code).toBe(3)
    expect(outcome.stderr).toContain("shop has no endpoint 'Shop.Ech'; it has ")
  })
})
