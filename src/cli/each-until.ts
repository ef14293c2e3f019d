/**
 * Pulls the values of a stream, one when the last is done with, until it ends or `stop` is aborted; then the stream is cancelled. True when it ended by itself.
 */
export async function eachUntil<T>(
  stop: AbortSignal,
  stream: AsyncIterable<T>,
  use: (value: T) => Promise<void>,
): Promise<boolean> {
  const iterator = stream[Symbol.asyncIterator]()
  const stopped = new Promise<'stopped'>(resolve => {
    if (stop.aborted) resolve('stopped')
    stop.addEventListener('abort', () => resolve('stopped'), { once: true })
  })
  try {
    for (;;) {
      const next = await Promise.race([stopped, iterator.next()])
      if (next === 'stopped') return false
      if (next.done === true) return true
      await use(next.value)
    }
  } finally {
    await iterator.return?.()
  }
}
