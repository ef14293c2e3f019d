import { type } from 'arktype'
import { Subject, firstValueFrom, toArray } from 'rxjs'
import * as v from 'valibot'
import { afterAll, describe, expect, it, test } from 'vitest'
import { z } from 'zod'
import { defineService, rpc, type ServiceEvent, type StandardSchema } from 'headrace'
import { endpointRecord, type EndpointDefinition } from 'headrace/streams'
import { createMemoryNetwork } from '../../support/memory-network.js'

const network = createMemoryNetwork()
afterAll(() => network.close())

const vendors = {
  zod: [
    z.object({ name: z.string(), items: z.array(z.object({ count: z.number() })) }),
    z.object({ total: z.number() }),
  ],
  valibot: [
    v.object({ name: v.string(), items: v.array(v.object({ count: v.number() })) }),
    v.object({ total: v.number() }),
  ],
  arktype: [type({ name: 'string', items: type({ count: 'number' }).array() }), type({ total: 'number' })],
} as const

test.each(Object.entries(vendors))(
  '%s: requests are checked, and the error names the field',
  async (name, schemas) => {
    const [request, answer] = schemas as readonly [
      StandardSchema<{ name: string; items: { count: number }[] }>,
      StandardSchema<{ total: number }>,
    ]
    const Orders = defineService('Orders', { place: rpc.unary(request, answer) })
    const service = network.makeService(name)
    const seen: unknown[] = []
    service.handle(Orders, {
      place: order => {
        seen.push(order)
        return { total: order.items.length }
      },
    })
    await service.start()
    const client = network.makeService(`${name}.client`)
    const orders = client.client(Orders, name)
    expect(await orders.place({ name: 'a', items: [{ count: 1 }] })).toEqual({ total: 1 })
    await expect(orders.place({ name: 'a', items: [{ count: 'x' }] } as never)).rejects.toMatchObject({
      kind: 'bad_request',
      detail: expect.stringMatching(/^Orders\.Place: items\[0\]\.count: /) as string,
    })
    await expect(client.client(name).call('Orders.Place', {})).rejects.toMatchObject({ kind: 'bad_request' })
    expect(seen).toHaveLength(1)
  },
)

const count = z.object({ count: z.number().int().positive() })
const Streams = defineService('Streams', {
  double: rpc.bidi(count, count),
  sum: rpc.clientStream(count, count),
  upTo: rpc.serverStream(count, count),
  silent: rpc.serverStream(count, count),
})

describe('streams', () => {
  const service = network.makeService('streams')
  const events: ServiceEvent[] = []
  service.events.subscribe(event => events.push(event))
  let stopped = 0
  const never = new Subject<{ count: number }>()
  service.handle(Streams, {
    double: async function* (requests) {
      for await (const { count } of requests) yield { count: count === 13 ? -1 : 2 * count }
    },
    sum: async requests => {
      let sum = 0
      for await (const { count } of requests) sum += count
      return { count: sum }
    },
    upTo: function* ({ count }) {
      try {
        for (let n = 1; n <= count; n += 1) yield { count: n }
      } finally {
        stopped += 1
      }
    },
    silent: () => never,
  })
  const streams = network.makeService('streams.client').client(Streams, 'streams')
  const values = (counts: readonly number[]) => counts.map(count => ({ count }))

  it('that fit go through, all three kinds', async () => {
    await service.start()
    expect(await firstValueFrom(streams.double(values([1, 2])).pipe(toArray()))).toEqual(values([2, 4]))
    expect(await streams.sum(values([1, 2, 3]))).toEqual({ count: 6 })
    expect(await firstValueFrom(streams.upTo({ count: 3 }).pipe(toArray()))).toEqual(values([1, 2, 3]))
  })

  it('end with bad_request at the request that does not fit', async () => {
    const seen: number[] = []
    const failure = await new Promise<unknown>(resolve =>
      streams.double(values([1, -5, 2])).subscribe({ next: ({ count }) => seen.push(count), error: resolve }),
    )
    expect(failure).toMatchObject({
      kind: 'bad_request',
      detail: expect.stringContaining('Streams.Double: count: ') as string,
    })
    expect(seen.every(each => each === 2)).toBe(true)
    await expect(streams.sum(values([1, 0.5]))).rejects.toMatchObject({ kind: 'bad_request' })
  })

  it('end with internal at an answer that does not fit, and the service says which field', async () => {
    await expect(firstValueFrom(streams.double(values([13])).pipe(toArray()))).rejects.toMatchObject({
      kind: 'internal',
      detail: 'Streams.Double: the answer of the handler does not fit its definition',
    })
    expect(events.map(({ level, text }) => [level, text])).toContainEqual([
      'warning',
      expect.stringContaining('Streams.Double: the answer of the handler does not fit: count: '),
    ])
  })

  it('that nobody reads any more end the source of the handler', async () => {
    stopped = 0
    for await (const { count } of streams.upTo({ count: 1_000_000 })) if (count === 3) break
    await expect.poll(() => stopped).toBe(1)
    const silent = streams.silent({ count: 1 }).subscribe()
    await expect.poll(() => never.observed).toBe(true)
    silent.unsubscribe()
    await expect.poll(() => never.observed).toBe(false)
  })
})

describe('a validator', () => {
  const Late = defineService('Late', {
    check: rpc.unary(
      z.object({ name: z.string().refine(async name => name !== 'taken', 'is taken') }),
      z.object({ at: z.string().transform(async at => at.toUpperCase()) }),
    ),
    list: rpc.serverStream(
      z.object({
        name: z.string().refine(async name => name !== 'taken', 'is taken'),
        size: z.number().default(2),
      }),
      z.object({ n: z.number() }),
    ),
    wrong: rpc.unary(z.object({}), z.object({ secret: z.string() })),
  })
  const service = network.makeService('late')
  const events: ServiceEvent[] = []
  service.events.subscribe(event => events.push(event))
  service.handle(Late, {
    check: async ({ name }) => ({ at: name }),
    list: function* ({ size }) {
      for (let n = 0; n < size; n += 1) yield { n }
    },
    wrong: () => ({ secret: 5 }) as never,
  })
  const client = network.makeService('late.client')
  const late = client.client(Late, 'late')

  it('may be asynchronous, transform, and have defaults', async () => {
    await service.start()
    expect(await late.check({ name: 'free' })).toEqual({ at: 'FREE' })
    await expect(late.check({ name: 'taken' })).rejects.toMatchObject({
      kind: 'bad_request',
      detail: 'Late.Check: name: is taken',
    })
    expect(await firstValueFrom(late.list({ name: 'free' }).pipe(toArray()))).toEqual([{ n: 0 }, { n: 1 }])
    await expect(firstValueFrom(late.list({ name: 'taken' }))).rejects.toMatchObject({ kind: 'bad_request' })
  })

  it('of an answer: the peer does not learn what was wrong, the service does', async () => {
    const failure = await late.wrong({}).catch((error: unknown) => error)
    expect(failure).toMatchObject({ kind: 'internal' })
    expect(String(failure)).not.toContain('secret')
    expect(events.at(-1)?.text).toContain('Late.Wrong: the answer of the handler does not fit: secret: ')
  })

  it('that a client runs first refuses a request before it is sent', async () => {
    const checked = client.client(Late, 'nobody.is.there', { checkRequests: true })
    const refused = { kind: 'bad_request', detail: 'Late.Check: name: is taken' }
    await expect(checked.check({ name: 'taken' })).rejects.toMatchObject(refused)
    await expect(firstValueFrom(checked.list({ name: 'taken' }))).rejects.toMatchObject({
      kind: 'bad_request',
    })
    const there = client.client(Late, 'late', { checkRequests: true })
    expect(await there.check({ name: 'free' })).toEqual({ at: 'FREE' })
    expect(await firstValueFrom(there.list({ name: 'free' }).pipe(toArray()))).toHaveLength(2)
    expect(() => client.client(Late, 'late', { check: true } as never)).toThrow("unknown option 'check'")
  })
})

describe('in the registry', () => {
  const shown = (definition: EndpointDefinition) => endpointRecord(definition)

  it('a schema is shown as its vendor gives it, three levels deep', () => {
    const Shop = defineService('Shop', {
      buy: rpc.unary(
        z.object({ id: z.string(), lines: z.array(z.object({ sku: z.string(), amount: z.number().int() })) }),
        z.object({
          ok: z.boolean(),
          price: z.number(),
          at: z.object({ place: z.object({ x: z.number() }) }),
        }),
      ),
    })
    expect(shown(Shop.buy as EndpointDefinition)).toEqual({
      name: 'Shop.Buy',
      metadata: { stream: 'false' },
      request: {
        name: 'BuyRequest',
        type: 'BuyRequest',
        values: [
          { name: 'id', type: 'string', values: [] },
          { name: 'lines', type: '[]', values: [expect.anything()] },
        ],
      },
      response: {
        name: 'BuyResponse',
        type: 'BuyResponse',
        values: [
          { name: 'ok', type: 'bool', values: [] },
          { name: 'price', type: 'float64', values: [] },
          { name: 'at', type: 'at', values: [{ name: 'place', type: 'place', values: [] }] },
        ],
      },
    })
  })

  it('one without a description is untyped', () => {
    const bare: StandardSchema = {
      '~standard': { version: 1, vendor: 'test', validate: value => ({ value }) },
    }
    const Bare = defineService('Bare', { call: rpc.unary(bare, z.object({ at: z.date() })) })
    const untyped = { name: '', type: '', values: [] }
    expect(shown(Bare.call as EndpointDefinition)).toMatchObject({ request: untyped, response: untyped })
  })
})
