import { defineService, rpc } from 'headrace'

/** What a service promises and a client calls: here in TypeScript alone, for a .proto file see examples/greeter. */
export const Greeter = defineService('Greeter', {
  hello: rpc.unary<{ name: string }, { greeting: string }>(),
})
