import { defineService, rpc } from 'headrace'

/** What clients call and the service serves: `Greeter.Hello` on the wire. */
export const Greeter = defineService('Greeter', {
  hello: rpc.unary<{ name: string }, { greeting: string }>(),
})
