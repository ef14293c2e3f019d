import { loadProto } from '../../src/adapters/codec/proto-types.js'

const types = await loadProto(new URL('../../examples/greeter/greeter.proto', import.meta.url).pathname)

/** The message types of examples/greeter/greeter.proto. */
export const greeterTypes = {
  service: types.service('Greeter'),
  helloRequest: types.type<{ name?: string }>('HelloRequest'),
  helloResponse: types.type<{ greeting?: string }>('HelloResponse'),
  streamRequest: types.type<{ count?: bigint }>('StreamRequest'),
  streamResponse: types.type<{ count?: bigint }>('StreamResponse'),
  event: types.type<{ id?: string; timestamp?: bigint; message?: string }>('Event'),
}
