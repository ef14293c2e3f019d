import { createService } from 'headrace'
import { Greeter } from './greeter.js'

const service = createService({ name: '__name__.client' })
try {
  const { greeting } = await service.client(Greeter, '__name__').hello({ name: 'John' })
  console.log(greeting)
} finally {
  await service.close()
}
