import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { firstValueFrom } from 'rxjs'
import type { Message } from 'headrace/streams'
import { http } from '../../src/adapters/transport/http.js'
import { listenWithEcho, replyText } from './echo.js'
import { fuzzSeed, mutate, seededRandom } from './fuzz.js'
import { traffic } from './framing.js'
import { connectTo } from './raw-http.js'
import { vector } from './vectors.js'

const unary = [
  'unary-octet-stream',
  'unary-json',
  'unary-metadata',
  'raw-minimal-json',
  'raw-chunked',
  'raw-http10',
  'raw-empty-body-json',
  'raw-pipelined-two',
  'raw-connection-close',
  'raw-expect-continue',
]
const streams = ['bidi-server-ends application/json', 'server-push application/octet-stream']

/** What a fuzz run found. */
export interface HttpFuzzOutcome {
  /** How the connections ended: status lines, or `closed`, and how often. */
  readonly ends: ReadonlyMap<string, number>
  /** Requests of a sound client beside the damaged ones, and how many were answered. */
  readonly asked: number
  readonly answered: number
  /** Faults and notices that the transport told; the rest is counted by it. */
  readonly told: number
  /** Bytes of heap that the run left behind, after a forced collection where the process offers one. */
  readonly growth: number
}

/** Sends damaged forms of captured requests to a listener of the http transport, while a sound client goes on beside them. */
export async function fuzzHttp(count: number): Promise<HttpFuzzOutcome> {
  const seed = fuzzSeed()
  console.log(`fuzzing the http transport's listener: ${count} inputs, FUZZ_SEED=${seed}`)
  const random = seededRandom(seed)
  const server = http({ maxBodyBytes: 65_536, maxHeaderBytes: 4096, headerTimeoutMs: 500, lingerMs: 500 })
  const client = http()
  let told = 0
  server.events.subscribe(({ kind }) => (told += kind === 'listening' ? 0 : 1))
  const address = await listenWithEcho(server)
  const link = await firstValueFrom(client.dial(address))
  const inputs = [
    ...unary.map(name => traffic(vector('2017-http-unary', name), 'client>server')),
    ...streams.map(name => traffic(vector('2017-http-stream', name), 'client>server')),
  ]
  const ends = new Map<string, number>()
  const before = heap()
  let [asked, answered] = [0, 0]
  for (let sent = 0; sent < count; sent += 16) {
    const batch = Array.from({ length: Math.min(16, count - sent) }, () => mutate(inputs, random))
    for (const end of await Promise.all(batch.map(bytes => sendDamaged(address, bytes, seed)))) {
      ends.set(end, (ends.get(end) ?? 0) + 1)
    }
    asked += 1
    if ((await replyText(link, sound(`sound ${asked}`))) === `sound ${asked}`) answered += 1
  }
  await Promise.all([server.close(), client.close()])
  return { ends, asked, answered, told, growth: heap() - before }
}

/** Sends bytes and ends the sending side; gives how the listener ended it. Input that it does not end is kept in a file. */
export function sendDamaged(address: string, bytes: Uint8Array, seed: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connectTo(address)
    const stuck = setTimeout(() => {
      socket.destroy()
      const file = join(mkdtempSync(join(tmpdir(), 'headrace-fuzz-')), 'input.bin')
      writeFileSync(file, bytes)
      reject(new Error(`no end after 10 s, FUZZ_SEED=${seed}; the input is in ${file}`))
    }, 10_000)
    let got = ''
    socket.on('data', chunk => (got = `${got}${chunk.toString('latin1')}`.slice(0, 200)))
    socket.on('error', () => undefined) // a reset is an end as well
    socket.on('close', () => {
      clearTimeout(stuck)
      resolve(got.split('\r\n')[0] || 'closed')
    })
    socket.end(bytes)
  })
}

function heap(): number {
  globalThis.gc?.()
  return process.memoryUsage().heapUsed
}

function sound(text: string): Message {
  return { headers: {}, body: Buffer.from(text) }
}
