import { expectTypeOf } from 'vitest'
import { defineService, rpc, type ClientOf, type Flow, type HandlersOf, type Reply } from 'headrace/streams'

const Greeter = defineService('Greeter', {
  hello: rpc.unary<{ name: string }, { greeting: string }>(),
  stream: rpc.bidi<{ count: number }, { count: number }>(),
  items: rpc.serverStream<{ count: number }, { count: number }>(),
  sum: rpc.clientStream<{ count: number }, { total: number }>(),
})
declare const client: ClientOf<typeof Greeter>

expectTypeOf(client.hello({ name: 'John' })).toEqualTypeOf<Reply<{ greeting: string }>>()
expectTypeOf(client.stream([{ count: 1 }])).toEqualTypeOf<Flow<{ count: number }>>()
expectTypeOf(client.items({ count: 1 })).toEqualTypeOf<Flow<{ count: number }>>()
expectTypeOf(client.sum([{ count: 1 }])).toEqualTypeOf<Reply<{ total: number }>>()

// @ts-expect-error a field that the request does not have
client.hello({ nom: 'John' })
// @ts-expect-error a stream of requests where there is one
client.items([{ count: 1 }])
// @ts-expect-error a single request where there is a stream
client.stream({ count: 1 })

export const complete: HandlersOf<typeof Greeter> = {
  hello: ({ name }) => ({ greeting: `Hello ${name}` }),
  stream: requests => requests,
  items: async function* ({ count }) {
    for (let n = 0; n < count; n += 1) yield { count: n }
  },
  sum: async requests => {
    let total = 0
    for await (const { count } of requests) total += count
    return { total }
  },
}

// @ts-expect-error a method without a handler
export const incomplete: HandlersOf<typeof Greeter> = { hello: () => ({ greeting: '' }) }
