import { http } from 'headrace/adapters/broker/http'
import { memory as memoryRegistry } from 'headrace/adapters/registry/memory'
import { firstValueFrom } from 'rxjs'
import { fuzzSeed, mutate, seededRandom } from './fuzz.js'
import { connectTo, exchange } from './raw-http.js'
import { bytesOf, vector } from './vectors.js'

const names = [
  'publish application/json',
  'publish application/octet-stream',
  'broker-publish-raw',
  'broker-publish-nil',
  'get',
  'bad-json',
  'no-topic',
  'unknown-id',
  'lower-case-keys',
  'wrong-path',
]

/** What a fuzz run found. */
export interface BrokerFuzzOutcome {
  readonly sound: number
  readonly arrived: number
  /** Status lines, and how often. */
  readonly answers: ReadonlyMap<string, number>
  /** Bytes of heap that the run left behind, after a forced collection where the process offers one. */
  readonly growth: number
}

/**
 * Sends damaged forms of every captured request to the listener of an http broker, several connections at a time, while a sound
 * publisher goes on over a connection of its own. The broker may hold so few bytes that requests it does not forget would end the run.
 */
export async function fuzzBroker(count: number): Promise<BrokerFuzzOutcome> {
  const seed = fuzzSeed()
  console.log(`fuzzing the http broker's listener: ${count} inputs, FUZZ_SEED=${seed}`)
  const random = seededRandom(seed)
  const registry = memoryRegistry()
  const broker = http({ registry, address: '127.0.0.1:0', maxPendingBytes: 1_048_576, maxBodyBytes: 65_536 })
  let arrived = 0
  await new Promise<void>(resolve => {
    broker.subscribe('events').subscribe(event => {
      if (event.kind === 'subscribed') return resolve()
      if (event.delivery.value.headers['sound'] === 'yes') arrived += 1
      event.delivery.ack()
    })
  })
  const [service] = await firstValueFrom(registry.lookup('topic:events'))
  const { id = '', address = '' } = service?.nodes[0] ?? {}
  const inputs = names.map(name => {
    const [request] = vector('2017-http-broker', name).segments ?? []
    return Buffer.from(
      bytesOf(request ?? { dir: name })
        .toString()
        .replace(/id=\S+/, `id=${id}`),
    )
  })
  const answers = new Map<string, number>()
  const before = heap()
  let sound = 0
  for (let sent = 0; sent < count; sent += 16) {
    const batch = Array.from({ length: Math.min(16, count - sent) }, () => mutate(inputs, random))
    const outcomes = await Promise.all(batch.map(bytes => damage(address, bytes)))
    for (const outcome of outcomes) answers.set(outcome, (answers.get(outcome) ?? 0) + 1)
    sound += 1
    await firstValueFrom(
      broker.publish('events', { headers: { sound: 'yes' }, body: Buffer.from('still here') }),
    )
  }
  const probe = await exchange(address, inputs[0] ?? '')
  answers.set(`afterwards: ${probe?.start ?? 'no answer'}`, 1)
  await broker.close()
  await registry.close()
  return { sound, arrived, answers, growth: heap() - before }
}

/** Sends bytes and ends the sending side; gives how the listener ended it. */
function damage(address: string, bytes: Uint8Array): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connectTo(address)
    const stuck = setTimeout(() => {
      socket.destroy()
      reject(new Error(`no end after 10 s of the input ${Buffer.from(bytes).toString('hex')}`))
    }, 10_000)
    let got = ''
    socket.on('data', chunk => (got = `${got}${chunk.toString('latin1')}`.slice(0, 200)))
    socket.on('error', () => undefined)
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
