import { setTimeout as sleep } from 'node:timers/promises'
import { filter, firstValueFrom, timeout, toArray } from 'rxjs'
import { ServiceError, createService, work, type Service } from 'headrace'
import { memory } from 'headrace/adapters/registry/memory'
import type { Place } from './cells.js'
import { Echo, topic, value } from './echo.js'
import type { Heard } from './peer-process.js'

/** A service of this process that serves Echo and subscribes to `events` and, in the queue `shared`, to `work`. */
export interface HeadraceNode {
  readonly service: Service
  readonly heard: readonly Heard[]
  /** Resolves when it sees so many nodes of that name. */
  found(name: string, count: number): Promise<void>
}

/** The flags of both sides that say where they find each other. */
export function placeFlags(place: Place, consul: string): readonly string[] {
  return {
    mdns: ['--registry=mdns', '--registry_address=127.0.0.1'],
    consul: ['--registry=consul', `--registry_address=${consul}`],
    address: [],
  }[place]
}

export const loopback = ['--server_address=127.0.0.1:0', '--broker_address=127.0.0.1:0']

/** Starts one, in the registry of the place. */
export async function startHeadrace(name: string, place: Place, consul: string): Promise<HeadraceNode> {
  const service = createService({
    name,
    argv: [...loopback, ...placeFlags(place, consul), '--register_ttl=5s', '--register_interval=2s'],
    env: {},
    log: false,
    ...(place === 'address' ? { registry: memory() } : {}),
  })
  serveEcho(service)
  const heard: Heard[] = []
  service.subscribe(topic('events'), event => void heard.push({ topic: 'events', value: event }))
  service.subscribe(topic('work'), event => void heard.push({ topic: 'work', value: event }), {
    queue: 'shared',
  })
  await service.start()
  return {
    service,
    heard,
    found: async (wanted, count) => {
      const nodes = service.discover(wanted)
      await firstValueFrom(
        nodes.pipe(
          filter(({ length }) => length === count),
          timeout(15_000),
        ),
      )
    },
  }
}

/** The handlers of Echo; test/interop/go/peer/echo.go has the same in Go. */
function serveEcho(service: Service): void {
  const { missing: _, ...served } = Echo
  service.handle(served, {
    say: request => request,
    nothing: () => ({}),
    fail: ({ number, text }) => {
      throw number === 0n
        ? new Error(text)
        : new ServiceError('conflict', text, { id: 'interop', code: Number(number) })
    },
    slow: async ({ number }, { signal }) => {
      await sleep(Number(number), undefined, { signal })
      return value({ text: 'done' })
    },
    deadline: (_request, { deadline }) =>
      value({ number: deadline === undefined ? 0n : BigInt(Math.round(deadline - Date.now())) }),
    header: ({ text }, { metadata }) => value({ text: metadata[text] ?? '' }),
    who: () => value({ number: BigInt(process.pid) }),
    talk: requests => requests.pipe(work(request => request)),
    count: function* ({ number }) {
      for (let n = 1n; n <= number; n += 1n) yield value({ number: n })
    },
    break: function* ({ number }) {
      for (let n = 1n; n <= number; n += 1n) yield value({ number: n })
      throw new ServiceError('conflict', 'broken', { id: 'interop' })
    },
    late: async function* (requests) {
      const all = await firstValueFrom(requests.pipe(toArray()))
      await sleep(Number(all[0]?.number ?? 0))
      yield* all
    },
    chatter: async function* (requests) {
      const heard = firstValueFrom(requests)
      for (let n = 1n; n <= 3n; n += 1n) yield value({ number: n })
      await heard
    },
  })
}
