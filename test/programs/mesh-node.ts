import { fileURLToPath } from 'node:url'
import { createService } from 'headrace'
import { loadProto } from 'headrace/adapters/codec/proto-types'
import type { EndpointDefinition } from 'headrace/streams'

/** A node of the service `mesh`, whose `Echo.Who` says which process has answered. */
type Definition = { who: EndpointDefinition<object, { number: bigint }, 'unary'> }

const types = await loadProto(fileURLToPath(new URL('../../test/interop/interop.proto', import.meta.url)))
const { who } = types.service<Definition>('Echo')
const service = createService({ name: 'mesh' })
service.handle({ who }, { who: () => ({ number: BigInt(process.pid) }) })
await service.start()
console.log('serving')
await service.run()
