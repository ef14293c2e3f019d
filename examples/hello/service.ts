import { createService } from 'headrace'
import { Greeter } from './greeter.js'

const service = createService({ name: 'hello' })
service.handle(Greeter, {
  hello: ({ name }) => ({ greeting: `Hello ${name}` }),
})
await service.run() // until SIGINT or SIGTERM, then it leaves the registry and finishes what is under way
