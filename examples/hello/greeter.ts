import { defineService, rpc } from 'headrace'

/** The types are enough, messages travel as JSON. With a .proto file it is protobuf: see examples/greeter. */
export const Greeter = defineService('Greeter', {
  hello: rpc.unary<{ name: string }, { greeting: string }>(),
})
