import type { Source } from './exchange.js'
import { flowFrom } from './flow-from.js'

/**
 * A source whose values come through `check`, one at a time and in order. It is pulled as the source is: the next value is asked for when one is asked for here.
 * A value that `check` refuses ends both with that error; ending this ends the source. The source may be on its way still.
 */
export function checkedSource(
  source: Source<unknown> | PromiseLike<Source<unknown>>,
  check: (value: unknown) => unknown,
): AsyncIterable<unknown> {
  return { [Symbol.asyncIterator]: () => new CheckedIterator(source, check) }
}

/** No generator: its `return` would wait for a value that may never come. */
class CheckedIterator implements AsyncIterator<unknown, undefined, undefined> {
  private readonly source: Promise<AsyncIterator<unknown, unknown, undefined>>

  constructor(
    source: Source<unknown> | PromiseLike<Source<unknown>>,
    private readonly check: (value: unknown) => unknown,
  ) {
    this.source = Promise.resolve(source).then(found => flowFrom(found)[Symbol.asyncIterator]())
    // Whoever asks for a value hears of it.
    this.source.catch(() => undefined)
  }

  async next(): Promise<IteratorResult<unknown, undefined>> {
    const { done, value } = await (await this.source).next()
    if (done === true) return { done, value: undefined }
    try {
      return { done: false, value: await this.check(value) }
    } catch (failure) {
      await this.return()
      throw failure
    }
  }

  return(): Promise<IteratorResult<unknown, undefined>> {
    const ended = { done: true, value: undefined } as const
    return this.source.then(
      async source => {
        await source.return?.()
        return ended
      },
      () => ended,
    )
  }
}
