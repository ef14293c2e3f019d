import type { Observable, Subscription } from 'rxjs'

/** The values of an Observable as they can be taken: whoever is slow gets the latest and misses those before it. Each iterator subscribes; its `return` unsubscribes. */
export function latestOf<T>(values: Observable<T>): AsyncIterable<T> {
  return { [Symbol.asyncIterator]: () => new LatestIterator(values) }
}

class LatestIterator<T> implements AsyncIterator<T, undefined> {
  private readonly subscription: Subscription
  private latest: { readonly value: T } | undefined
  private end: { readonly error?: unknown } | undefined
  private wake: () => void = () => undefined

  constructor(values: Observable<T>) {
    this.subscription = values.subscribe({
      next: value => {
        this.latest = { value }
        this.wake()
      },
      error: (error: unknown) => this.finish({ error }),
      complete: () => this.finish({}),
    })
  }

  async next(): Promise<IteratorResult<T, undefined>> {
    for (;;) {
      const { latest, end } = this
      this.latest = undefined
      if (latest !== undefined) return { done: false, value: latest.value }
      if (end !== undefined && 'error' in end) throw end.error
      if (end !== undefined) return { done: true, value: undefined }
      await new Promise<void>(resolve => (this.wake = resolve))
    }
  }

  return(): Promise<IteratorResult<T, undefined>> {
    this.subscription.unsubscribe()
    this.latest = undefined
    this.finish({})
    return Promise.resolve({ done: true, value: undefined })
  }

  private finish(end: { readonly error?: unknown }): void {
    this.end ??= end
    this.wake()
  }
}
