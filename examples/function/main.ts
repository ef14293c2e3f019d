import { tap } from 'rxjs'
import { createService, type Middleware } from 'headrace'
import { runExample, type Example } from '../run-example.js'

// #region function
/** Says when a call has been answered. */
const afterAnswer =
  (done: () => void): Middleware =>
  next =>
  (requests, context) =>
    next(requests, context).pipe(tap({ finalize: done }))
// #endregion function

/** A function in go-micro's sense: a service that answers one call and ends. Whatever started it starts the next one. */
export async function main({ print, options }: Example): Promise<void> {
  // #region once
  const once = new AbortController()
  const greet = createService({
    name: 'greet.once',
    middleware: { handler: [afterAnswer(() => once.abort())] },
    ...options(),
  })
  greet.handle({ Greet: { Hello: ({ name }: { name: string }) => ({ greeting: `Hello ${name}` }) } })
  const running = greet.run({ signal: once.signal }) // the answer goes out before it has ended
  // #endregion once

  const caller = createService({ name: 'caller', ...options() })
  const found = new Promise<void>(resolve => {
    const nodes = caller.discover('greet.once').subscribe({
      next: ({ length }) => length > 0 && resolve(),
      error: (failure: unknown) => print(String(failure)),
    })
    void running.finally(() => nodes.unsubscribe())
  })
  await found
  print('the function waits for its call')
  const { greeting } = await caller
    .client('greet.once')
    .call<{ greeting: string }>('Greet.Hello', { name: 'John' })
  print(greeting)
  await running
  print('the function has ended')
  await caller.close()
}

await runExample(import.meta.url, main)
