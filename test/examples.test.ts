import { readdirSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { main as booking } from '../examples/booking/main.js'
import { main as broker } from '../examples/broker/main.js'
import { main as command } from '../examples/command/main.js'
import { main as discovery } from '../examples/discovery/main.js'
import { main as flags } from '../examples/flags/main.js'
import { main as functionExample } from '../examples/function/main.js'
import { main as graceful } from '../examples/graceful/main.js'
import { main as greeterClient } from '../examples/greeter/client.js'
import { main as greeter } from '../examples/greeter/main.js'
import { main as middleware } from '../examples/middleware/main.js'
import { main as pipeline } from '../examples/pipeline/main.js'
import { main as pubsub } from '../examples/pubsub/main.js'
import { main as redirect } from '../examples/redirect/main.js'
import { main as registry } from '../examples/registry/main.js'
import { main as selector } from '../examples/selector/main.js'
import { main as shutdown } from '../examples/shutdown/main.js'
import { main as strategy } from '../examples/strategy/main.js'
import type { Example } from '../examples/run-example.js'
import { createExampleNetwork } from './support/example-network.js'

/** What an example prints over memory adapters. */
async function linesOf(
  main: (example: Example) => Promise<void>,
  own: ReturnType<Example['options']> = {},
): Promise<string[]> {
  const lines: string[] = []
  const options = createExampleNetwork()
  await main({ print: line => lines.push(line), options: () => ({ ...options(), ...own }) })
  return lines
}

const cases: Readonly<Record<string, () => Promise<void>>> = {
  hello: async () => undefined, // two programs without parameters: examples.processes.test.ts runs them

  browser: async () => undefined, // a web page: test/slow/chromium.test.ts runs it in a browser

  async greeter() {
    const [served, called]: [string[], string[]] = [[], []]
    const options = createExampleNetwork()
    const stop = new AbortController()
    const serving = greeter({ print: line => served.push(line), options, signal: stop.signal })
    await greeterClient({ print: line => called.push(line), options })
    stop.abort()
    await serving
    expect(called).toEqual([
      'Hello John',
      ...[1, 2, 3].map(count => `stream: ${count}`),
      ...[0, 1, 2].map(count => `server stream: ${count}`),
      'published to 1 subscriber(s)',
    ])
    expect(served).toEqual(['Received event: Hello from the client'])
  },

  async discovery() {
    const lines = await linesOf(discovery)
    const about = (what: string) =>
      lines.filter(line => line.startsWith(what)).map(line => line.slice(what.length))
    expect(about('orders run: ')).toEqual(['none', '1.0.0', '1.0.0, 1.1.0', '1.1.0'])
    expect(about('healthy: ')).toEqual(['0', '1', '2', '1'])
    expect(about('the shop is ')).toEqual(['closed', 'open', 'closed'])
  },

  async middleware() {
    expect(await linesOf(middleware)).toEqual([
      'server Vault.Open: ok',
      'client Vault.Open: ok',
      'opened by vault.owner',
      'server Vault.Open: unauthorized',
      'the thief got: Vault.Open: the token is missing or wrong',
      'noted: closed at ten',
      'subscriber vault.notes: ok',
    ])
  },

  async selector() {
    const lines = await linesOf(selector)
    expect(lines.filter((_, at) => at !== 5)).toEqual([
      'the newest: 2.0.0 in the south',
      'the old one in the south: 1.0.0 in the south',
      'a quiet one: 1.0.0 in the south',
      'while the south is closed: 1.0.0 in the north',
      'and again: 1.0.0 in the north',
      'the newest, when it is open again: 2.0.0 in the south',
    ])
    expect(lines[5]).toMatch(/^the newest, while the south is closed: .*none passes the filter/)
  },

  async pubsub() {
    const lines = await linesOf(pubsub)
    const reports = ['order 1: 3 deliveries, 0 failed', 'order 2: 3 deliveries, 0 failed']
    const replayed = Array<string>(3).fill('replay: 2 taken, 0 not')
    const handled = [
      ...[1, 2, 3, 4].map(id => `audit: order ${id}`),
      ...[1, 2, 3, 4].map(id => `billing: ${10 * id} for order ${id}`),
      ...[1, 2, 3, 4].map(id => `store: receipt of order ${id}`),
    ]
    expect([...lines].sort()).toEqual([...handled, ...reports, ...replayed, 'stored: 1, 2, 3, 4'].sort())
    expect(lines.at(-1)).toBe('stored: 1, 2, 3, 4')
  },

  async pipeline() {
    const lines = await linesOf(pipeline)
    expect([...lines].sort()).toEqual(['1: 21 °C', '2: 22 °C', '3: 20 °C', 'the sensor is off'])
  },

  async booking() {
    const lines = await linesOf(booking)
    const answers = lines.map(line => [line.slice(0, 3), JSON.parse(line.slice(4))])
    const offer = (hotelId: string, room: string, price: number, hotel: string) => ({
      hotelId,
      room,
      price,
      hotel,
    })
    const inn = offer('2', 'double', 13_900, 'Sluice Inn')
    expect(answers).toEqual([
      ['200', { customer: 'Ada', offers: [offer('1', 'double', 10_900, 'The Weir'), inn] }],
      ['200', { customer: 'Ada', offers: [offer('1', 'single', 7_900, 'The Weir'), inn] }],
      ['401', { error: 'the token is not known' }],
    ])
  },

  async broker() {
    const lines = await linesOf(broker)
    expect(lines).toEqual([
      ...[20, 21, 19, 22].map(celsius => `${celsius} °C: somebody has it`),
      'warm: 21, 22',
    ])
  },

  async command() {
    expect(await linesOf(command)).toEqual(['sum NUMBER…', 'sum 1 2 39: 42', 'sum one: usage: sum NUMBER…'])
  },

  async flags() {
    expect(await linesOf(flags)).toEqual(['Hello.', 'Hello.', 'Hello.'])
    const argv = ['--times', '2', '--loud', '--pause=1ms']
    expect(await linesOf(flags, { argv, env: { GREETING: 'Hi' } })).toEqual(['HI!', 'HI!'])
  },

  async function() {
    expect(await linesOf(functionExample)).toEqual([
      'the function waits for its call',
      'Hello John',
      'the function has ended',
    ])
  },

  async graceful() {
    expect(await linesOf(graceful)).toEqual(['closing: no new orders', 'served: soup', 'closed'])
  },

  async redirect() {
    expect(await linesOf(redirect)).toEqual([
      '/docs: 301 https://example.org/docs',
      '/docs/old: 301 https://example.org/docs',
      '/nothing: 404',
    ])
  },

  async shutdown() {
    expect(await linesOf(shutdown)).toEqual([
      'orderly: ended by its signal',
      'the caller was told: unavailable',
      'abrupt: ended by its error',
    ])
  },

  async strategy() {
    expect(await linesOf(strategy)).toEqual([
      'answered in the south',
      'answered in the south',
      'answered in the north',
    ])
  },

  async registry() {
    expect(await linesOf(registry)).toEqual(['1 file', 'the year was 2017', '0 files'])
  },
}

describe('the example', () => {
  const folders = readdirSync(new URL('../examples', import.meta.url), { withFileTypes: true })
  for (const { name } of folders.filter(entry => entry.isDirectory())) {
    test(name, async () => {
      const run = cases[name]
      if (run === undefined) throw new Error(`examples/${name} has no case in test/examples.test.ts`)
      await run()
    })
  }
})
