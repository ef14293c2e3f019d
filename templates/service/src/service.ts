import { createService, type Service, type ServiceOptions } from 'headrace'
import { Greeter } from './greeter.js'

/** Makes the service. Tests give options; the program leaves them to flags, `MICRO_*` variables and defaults. */
export function createGreeter(options: Omit<ServiceOptions, 'name' | 'flags'> = {}): Service {
  const service = createService({ name: '__name__', ...options })
  service.handle(Greeter, {
    hello: ({ name }) => ({ greeting: `Hello ${name}` }),
  })
  return service
}
