import type { ServerResponse } from 'node:http'
import { firstValueFrom, retry } from 'rxjs'
import { consul } from '../../src/adapters/registry/consul.js'
import { fakeConsul, healthEntry, type SeenRequest } from './fake-consul.js'
import { fuzzSeed, mutate, seededRandom } from './fuzz.js'
import { vector } from './vectors.js'

/** Indexes as no agent should send them, beside those that it does. */
const indexes = ['1', '2', '70', '0', '-1', '1e99', '18446744073709551616', 'x', '']

/** None of those: where something has changed an agent never gives an index again, and a watch takes the same one for no news. */
const soundIndex = { 'X-Consul-Index': '3' }

/** What a fuzz run found. */
export interface ConsulFuzzOutcome {
  /** How the questions ended: `answer`, or the kind of the error, and how often. */
  readonly ends: ReadonlyMap<string, number>
  /** Errors that are none of ours. */
  readonly strange: readonly unknown[]
  /** The questions that the watch of one service asked meanwhile. */
  readonly watched: number
  /** Whether look-ups and both watches see a sound node when the agent is sound again. */
  readonly soundAfterwards: boolean
}

/** Look-ups, lists and watches at an agent whose answers are damaged forms of captured ones: body, index and status. */
export async function fuzzConsul(count: number): Promise<ConsulFuzzOutcome> {
  const seed = fuzzSeed()
  console.log(`fuzzing the answers of a Consul agent: ${count} questions, FUZZ_SEED=${seed}`)
  const random = seededRandom(seed)
  const bodies = ['health-service-body', 'catalog-services-body'].map(name =>
    Buffer.from(JSON.stringify(vector('2017-consul-http', name).json)),
  )
  let sound = false
  let watched = 0
  const damaged = (request: SeenRequest, response: ServerResponse) => {
    if (request.path.endsWith('/late')) watched += 1
    const body = bodies[request.path.includes('/catalog/') ? 1 : 0] ?? Buffer.alloc(0)
    const index = indexes[Math.floor(random() * indexes.length)] ?? ''
    const status = random() < 0.9 ? 200 : 500
    response.writeHead(status, { 'Content-Type': 'application/json', 'X-Consul-Index': index })
    response.end(mutate([body, body, body, ...bodies], random))
    return undefined
  }
  const agent = await fakeConsul((request, response) => {
    if (!sound) return damaged(request, response)
    const isList = request.path.includes('/catalog/')
    return {
      headers: soundIndex,
      body: isList ? { late: ['v-1'] } : request.path.endsWith('/late') ? [healthEntry('late', 'a')] : [],
    }
  })
  const registry = consul({ addresses: [agent.address], timeoutMs: 2_000, waitMs: 1_000, maxPauseMs: 20 })
  const seen = { one: false, all: false }
  const watches = (['one', 'all'] as const).map(which =>
    registry
      .watch(which === 'one' ? 'late' : undefined)
      .pipe(retry({ delay: 20 }))
      .subscribe(event => {
        const services = event.kind === 'reset' ? event.services : [event.service]
        seen[which] ||= services.some(
          ({ name, nodes }) => name === 'late' && nodes.some(({ id }) => id === 'a'),
        )
      }),
  )
  const ends = new Map<string, number>()
  const strange: unknown[] = []
  const settled = (question: Promise<unknown>) =>
    question.then(
      () => 'answer',
      (error: { name?: unknown; kind?: unknown }) => {
        if (error.name === 'ServiceError') return String(error.kind)
        strange.push(error)
        return 'strange'
      },
    )
  for (let asked = 0; asked < count; asked += 8) {
    const questions = Array.from({ length: Math.min(8, count - asked) }, (_, at) =>
      at % 4 === 0 ? registry.list() : registry.lookup('go.micro.srv.greeter'),
    )
    for (const end of await Promise.all(
      questions.map(question => settled(firstValueFrom<unknown>(question))),
    )) {
      ends.set(end, (ends.get(end) ?? 0) + 1)
    }
  }
  sound = true
  seen.one = seen.all = false
  const found = async () => (await firstValueFrom(registry.lookup('late'))).length === 1
  const limit = Date.now() + 5_000
  let soundAfterwards = false
  while (!soundAfterwards && Date.now() < limit) {
    soundAfterwards = (await found().catch(() => false)) && seen.one && seen.all
    await new Promise(resolve => setTimeout(resolve, 20))
  }
  for (const watch of watches) watch.unsubscribe()
  await registry.close()
  await agent.close()
  return { ends, strange, watched, soundAfterwards }
}
