import { createGreeter } from './service.js'

await createGreeter().run() // until SIGINT or SIGTERM, then it leaves the registry and finishes what is under way
