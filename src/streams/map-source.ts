import { isObservable, map } from 'rxjs'
import type { Source } from './exchange.js'
import { deliveriesOf, mapFlow, type Flow } from './flow.js'

type Step<T> = IteratorResult<T, unknown>

/** Changes each value of a source, and keeps its kind: what can be pulled stays so. When `project` throws, the source is closed and fails with it. */
export function mapSource<A, B>(source: Source<A>, project: (value: A) => B): Source<B> {
  if (isObservable(source)) {
    return deliveriesOf(source) === undefined
      ? source.pipe(map(value => project(value)))
      : mapFlow(source as Flow<A>, project)
  }
  // Not generators: each step of an async one costs three turns of the microtask queue.
  return Symbol.asyncIterator in source
    ? { [Symbol.asyncIterator]: () => mapAsync(source[Symbol.asyncIterator](), project) }
    : { [Symbol.iterator]: () => mapSync(source[Symbol.iterator](), project) }
}

function mapAsync<A, B>(inner: AsyncIterator<A>, project: (value: A) => B): AsyncIterator<B> {
  const mapped = stepsOf(inner, project)
  return {
    next: () => inner.next().then(mapped),
    return: async () => {
      await inner.return?.()
      return { done: true, value: undefined }
    },
  }
}

function mapSync<A, B>(inner: Iterator<A>, project: (value: A) => B): Iterator<B> {
  const mapped = stepsOf(inner, project)
  return {
    next: () => mapped(inner.next()),
    return: () => {
      inner.return?.()
      return { done: true, value: undefined }
    },
  }
}

function stepsOf<A, B>(inner: { return?: () => unknown }, project: (value: A) => B) {
  return (step: Step<A>): Step<B> => {
    if (step.done === true) return step
    try {
      return { done: false, value: project(step.value) }
    } catch (error) {
      inner.return?.()
      throw error
    }
  }
}
