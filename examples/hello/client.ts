import { createService } from 'headrace'
import { Greeter } from './greeter.js'

const service = createService({ name: 'hello.client' })
const greeter = service.client(Greeter, 'hello')
const { greeting } = await greeter.hello({ name: 'John' })
console.log(greeting)
await service.close()
