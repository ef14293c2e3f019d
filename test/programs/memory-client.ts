import { filter, firstValueFrom } from 'rxjs'
import { createService } from 'headrace'
import { createOrderCheck, sampleMemory, slowly, slowMessages, type Numbered } from './memory-parts.js'

/** The other side: runs one direction, samples the memory of both processes all the while, and prints what it saw as JSON. */
const count = 200_000
const text = 'x'.repeat(1_024)
/** A publish waits for its reports, so one after the other would leave the connection idle most of the time. */
const publishesAtOnce = 64

const service = createService({
  name: 'memory.client',
  flags: {
    direction: { kind: 'text', help: 'down, up or topic' },
    node: { kind: 'text', help: 'The service to use' },
  },
})
const name = service.flags.node ?? 'memory'
const remote = service.client(name)
let ownAsked = 0

interface Outcome {
  readonly count: number
  readonly inOrder: boolean
}

function* numbers(upTo = count): Generator<Numbered> {
  for (let n = 0; n < upTo; n += 1) {
    ownAsked = n + 1
    yield { n, text }
  }
}

const directions: Readonly<Record<string, () => Promise<Outcome>>> = {
  async down() {
    const check = createOrderCheck()
    for await (const { n } of remote.stream<Numbered>('Memory.Down', [{ count, text }])) {
      await slowly(n, () => check.see(n))
      if (n === slowMessages - 1) await sample(() => true)
    }
    return check.result()
  },
  async up() {
    return firstValueFrom(remote.stream<Outcome>('Memory.Up', numbers()))
  },
  async topic() {
    await publishAll(`${name}.numbers`, numbers())
    for (;;) {
      const outcome = await remote.call<Outcome>('Memory.Topic')
      if (outcome.count === count) return outcome
    }
  },
}

async function publishAll(topic: string, events: Iterable<Numbered>): Promise<void> {
  const shared = events[Symbol.iterator]()
  const publishOn = async () => {
    for (let next = shared.next(); next.done !== true; next = shared.next()) {
      const reports = await service.publish(topic, next.value, { timeoutMs: 60_000 })
      for (const { error } of reports) if (error !== undefined) throw error
    }
  }
  await Promise.all(Array.from({ length: publishesAtOnce }, publishOn))
}

async function warmUp(): Promise<void> {
  if (service.flags.direction === 'topic') await publishAll(`${name}.warm`, numbers(20_000))
  for await (const _ of remote.stream<Numbered>('Memory.Warm', numbers(20_000))) ownAsked = 0
}

const seen = { ownGrowth: 0, peerGrowth: 0, asked: 0 }
const base = { own: 0, peer: 0 }

async function sample(isSlow: () => boolean): Promise<void> {
  const { rss, asked } = await remote.call<{ rss: number; asked: number }>('Memory.Sample')
  const own = sampleMemory()
  if (base.own === 0) Object.assign(base, { own, peer: rss })
  seen.ownGrowth = Math.max(seen.ownGrowth, own - base.own)
  seen.peerGrowth = Math.max(seen.peerGrowth, rss - base.peer)
  if (isSlow()) seen.asked = Math.max(seen.asked, service.flags.direction === 'down' ? asked : ownAsked)
}

await firstValueFrom(service.discover(name).pipe(filter(nodes => nodes.length > 0)))
const direction = directions[service.flags.direction ?? '']
if (direction === undefined) throw new Error(`unknown direction '${service.flags.direction}'`)
// What V8 takes once for itself is not growth: both processes have streamed before the first sample.
for (const _ of [1, 2]) await warmUp()
await sample(() => false)
const started = performance.now()
// Half of the shortest time that the slow phase can take: an answer that comes later says nothing of it.
const isSlow = () => performance.now() - started < slowMessages * 5
const timer = setInterval(() => void sample(isSlow), 250)
const outcome = await direction()
clearInterval(timer)
await sample(() => false)
console.log(JSON.stringify({ ...outcome, ...seen, seconds: (performance.now() - started) / 1_000 }))
await service.close()
