import { ServiceError, createService } from 'headrace'
import { runExample, type Example } from '../run-example.js'
import { logging, requireToken, sendToken } from './middleware.js'

/** The same kind of function on all three sides: around calls, around handlers, around subscribers. The first listed is the outermost. */
export async function main({ print, options }: Example): Promise<void> {
  // #region sides
  const vault = createService({
    name: 'vault',
    middleware: {
      handler: [logging(print), requireToken('open sesame')],
      subscriber: [logging(print), requireToken('open sesame')],
    },
    ...options(),
  })
  const owner = createService({
    name: 'vault.owner',
    middleware: { client: [logging(print), sendToken('open sesame')] },
    ...options(),
  })
  // #endregion sides
  vault.handle({
    Vault: { Open: (_request, { metadata }) => ({ by: metadata['X-Micro-From-Service'] }) },
  })
  vault.subscribe<{ text: string }>('vault.notes', ({ text }) => print(`noted: ${text}`))
  await vault.start()

  const { by } = await owner.client('vault').call<{ by: string }>('Vault.Open')
  print(`opened by ${by}`)

  const thief = createService({ name: 'vault.thief', ...options() })
  const refusal = await thief
    .client('vault')
    .call('Vault.Open')
    .catch((failure: unknown) => ServiceError.from(failure))
  print(`the thief got: ${(refusal as ServiceError).detail}`)

  const metadata = { Authorization: 'Bearer open sesame' }
  await owner.publish('vault.notes', { text: 'closed at ten' }, { metadata })

  for (const service of [thief, owner, vault]) await service.close()
}

await runExample(import.meta.url, main)
