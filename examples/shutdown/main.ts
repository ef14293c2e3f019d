import { createService, ServiceError } from 'headrace'
import { runExample, type Example } from '../run-example.js'

/** A service that ends for a reason of the program's own: by a signal of AbortController in order, or at once with an error. */
export async function main({ print, options }: Example): Promise<void> {
  // #region signal
  const stop = new AbortController()
  const orderly = createService({
    name: 'orderly',
    hooks: { afterStart: [() => stop.abort()] },
    ...options(),
  })
  await orderly.run({ signal: stop.signal }) // as SIGINT and SIGTERM: in order
  // #endregion signal
  print('orderly: ended by its signal')

  const abrupt = createService({ name: 'abrupt', ...options() })
  abrupt.handle({ Abrupt: { Wait: () => new Promise(() => undefined) } })
  await abrupt.start()
  const caller = createService({ name: 'caller', retries: 0, ...options() })
  const waiting = caller
    .client('abrupt')
    .call('Abrupt.Wait')
    .catch((failure: unknown) => print(`the caller was told: ${ServiceError.from(failure).kind}`))
  await new Promise<void>(resolve => {
    const running = abrupt.stats.subscribe({
      next: ({ server }) => server !== undefined && server.inFlight > 0 && resolve(),
      error: (failure: unknown) => print(String(failure)),
    })
    void waiting.then(() => running.unsubscribe())
  })
  // #region abort
  await abrupt.abort(new ServiceError('unavailable', 'the disk is full')) // at once: calls under way fail with it
  // #endregion abort
  await waiting
  print('abrupt: ended by its error')
  await caller.close()
}

await runExample(import.meta.url, main)
