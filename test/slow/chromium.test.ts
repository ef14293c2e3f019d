import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { build } from 'esbuild'
import { filter, firstValueFrom } from 'rxjs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ServiceOptions } from 'headrace'
import { http as httpBroker } from 'headrace/adapters/broker/http'
import { createRegistryHub, memory as memoryRegistry } from 'headrace/adapters/registry/memory'
import { http } from 'headrace/adapters/transport/http'
import { ws } from 'headrace/adapters/transport/ws'
import type { Broker, Transport } from 'headrace/streams'
import type { BrowserContext, Page } from 'playwright-core'
import { createSensor, main } from '../../examples/browser/main.js'
import { launchChromium, noChromium } from '../support/chromium.js'

if (noChromium !== undefined) console.log(`skipped: the browser client in Chromium: ${noChromium}`)

const hub = createRegistryHub()
const options = (): Partial<ServiceOptions> => ({
  argv: [],
  env: {},
  log: false,
  address: '127.0.0.1:0',
  registry: memoryRegistry({ hub }),
})

describe.skipIf(noChromium !== undefined)('a page in Chromium', () => {
  let chromium: { browser: BrowserContext; close(): Promise<void> }
  beforeAll(async () => {
    chromium = await launchChromium()
  })
  afterAll(() => chromium.close())

  it('shows a stream and the nodes that come and go; closing it ends the remote handlers', async () => {
    const lines: string[] = []
    const stop = new AbortController()
    const running = main({ print: line => lines.push(line), options, signal: stop.signal })
    await until(() => lines.some(line => line.startsWith('open ')))
    const page = await chromium.browser.newPage()
    const faults = faultsOf(page)
    await page.goto(lines[0]?.slice('open '.length) ?? '')
    const text = (id: string) => page.locator(`#${id}`).innerText()
    await until(async () => /^[1-9]\d*: 2[0-2] °C$/.test(await text('reading')))
    const first = await text('reading')
    await until(async () => (await text('reading')) !== first)
    expect(await text('connection')).toBe('open')

    const nodes = async () => (await text('nodes')).split('\n').length
    expect(await nodes()).toBe(1)
    const second = createSensor(options(), line => lines.push(line))
    await second.start()
    await until(async () => (await nodes()) === 2)
    await second.close({ lingerMs: 0, timeoutMs: 0 })
    await until(async () => (await nodes()) === 1)

    expect(lines.filter(line => line.startsWith('nobody'))).toHaveLength(0)
    expect(faults).toEqual([])
    await page.close()
    await until(() => lines.some(line => line.startsWith('nobody')))
    stop.abort()
    await running
  })

  it('that forbids code from text writes and reads messages of a .proto', async () => {
    const script = await bundled(`
      import { Everything } from './test/fixtures/proto/everything.headrace.js'
      const message = { aString: 'Jörg 世界 🎉'.repeat(500), anInt64: -(2n ** 63n), aDouble: Math.PI, counts: { a: 5n } }
      const [read, json] = [Everything.decodeBinary(Everything.encodeBinary(message)), Everything.encodeJson(message)]
      const same = Object.entries(message).every(([key, value]) => String(read[key]) === String(value))
      document.title = same && Everything.encodeJson(read) === json ? 'the same' : JSON.stringify(json)`)
    const web = createServer((request, response) => {
      const isScript = request.url === '/page.js'
      response.setHeader('Content-Type', isScript ? 'text/javascript' : 'text/html')
      response.setHeader('Content-Security-Policy', "script-src 'self'")
      response.end(isScript ? script : '<script type="module" src="/page.js"></script>')
    })
    await new Promise<void>(resolve => web.listen(0, '127.0.0.1', resolve))
    const page = await chromium.browser.newPage()
    const faults = faultsOf(page)
    await page.goto(`http://127.0.0.1:${(web.address() as AddressInfo).port}/`)
    expect([await page.title(), faults]).toEqual(['the same', []])
    await page.close()
    await new Promise(resolve => {
      web.close(resolve)
      web.closeAllConnections()
    })
  })

  it('of a foreign origin tries every listener and gets nowhere', async () => {
    const heard: string[] = []
    const targets = await listenEverywhere(heard)
    const web = createServer((_, response) =>
      response.writeHead(200, { 'Content-Type': 'text/html' }).end('<p>x'),
    )
    await new Promise<void>(resolve => web.listen(0, '127.0.0.1', resolve))
    const { port } = web.address() as AddressInfo
    const page = await chromium.browser.newPage()
    // By another name it is also another site than the listeners.
    for (const host of ['127.0.0.1', 'localhost']) {
      await page.goto(`http://${host}:${port}/`)
      for (const [name, address] of Object.entries(targets.addresses)) {
        const got = await page.evaluate(attack, { address, path: name === 'broker' ? '/_sub' : '/' })
        expect([name, ...got]).toEqual([
          name,
          'WebSocket: refused',
          'read: refused',
          'blind: sent',
          'preflight: refused',
        ])
      }
    }
    expect(heard).toEqual([])
    await page.close()
    await targets.close()
    await new Promise(resolve => {
      web.close(resolve)
      web.closeAllConnections()
    })
  })
})

/** A module as a page loads it. */
async function bundled(contents: string): Promise<string> {
  const stdin = { contents, resolveDir: process.cwd(), loader: 'ts' as const }
  const { outputFiles } = await build({
    stdin,
    bundle: true,
    format: 'esm',
    platform: 'browser',
    write: false,
  })
  return outputFiles[0]?.text ?? ''
}

/** What a hostile page can do: everything here runs in the browser. */
async function attack({ address, path }: { address: string; path: string }): Promise<string[]> {
  const call = '{"method":"Sensor.Readings","params":[{}],"id":1}'
  const outcome = async (what: string, attempt: () => Promise<string>) => {
    try {
      return `${what}: ${await attempt()}`
    } catch {
      return `${what}: refused`
    }
  }
  const { WebSocket } = globalThis as unknown as {
    WebSocket: new (url: string, protocol: string) => { onopen: () => void; onerror: () => void }
  }
  return [
    await outcome(
      'WebSocket',
      () =>
        new Promise((resolve, reject) => {
          const socket = new WebSocket(`ws://${address}${path}`, 'headrace-mux-1')
          socket.onopen = () => resolve('open')
          socket.onerror = () => reject(new Error('refused'))
        }),
    ),
    await outcome('read', async () =>
      (await fetch(`http://${address}${path}`, { method: 'POST', body: call })).text(),
    ),
    // Without CORS a page may send this, and is not told what came of it: the listener must refuse it.
    await outcome('blind', async () => {
      await fetch(`http://${address}${path}`, { method: 'POST', mode: 'no-cors', body: call })
      return 'sent'
    }),
    await outcome('preflight', async () => {
      const headers = { 'Content-Type': 'application/json', 'X-Micro-Topic': 'prices' }
      return (await fetch(`http://${address}${path}`, { method: 'POST', headers, body: call })).text()
    }),
  ]
}

/** A listener of each kind; `heard` gets whatever comes through. */
async function listenEverywhere(heard: string[]) {
  const allowedOrigins = ['http://page.test:8080']
  const transports: Record<string, Transport> = {
    http: http(),
    'http for pages': http({ allowedOrigins }),
    ws: ws({ allowedOrigins }),
  }
  const addresses: Record<string, string> = {}
  for (const [name, transport] of Object.entries(transports)) {
    addresses[name] = await new Promise<string>((resolve, reject) =>
      transport.listen('127.0.0.1:0').subscribe({
        next: event =>
          event.kind === 'listening' ? resolve(event.address) : heard.push(`${name} ${event.kind}`),
        error: reject,
      }),
    )
  }
  const registry = memoryRegistry({ hub: createRegistryHub() })
  const broker: Broker = httpBroker({ registry, address: '127.0.0.1:0' })
  const bound = firstValueFrom(broker.events.pipe(filter(event => event.kind === 'listening')))
  broker.subscribe('prices').subscribe({
    next: event => event.kind === 'delivery' && heard.push('broker'),
    error: () => undefined,
  })
  addresses['broker'] = (await bound).address
  return {
    addresses,
    close: async () => {
      for (const transport of Object.values(transports)) await transport.close()
      await broker.close()
      await registry.close()
    },
  }
}

/** What goes wrong within a page. */
function faultsOf(page: Page): string[] {
  const faults: string[] = []
  page.on('pageerror', error => faults.push(error.message))
  return faults
}

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  const limit = performance.now() + 20_000
  while (!(await holds())) {
    if (performance.now() > limit) throw new Error(`not within 20 s: ${holds.toString()}`)
    await new Promise(resolve => setTimeout(resolve, 20))
  }
}
