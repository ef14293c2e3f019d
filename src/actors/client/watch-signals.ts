import type { CallOptions } from '../../streams/client.js'
import { ServiceError } from '../../streams/errors.js'
import type { Cancel } from '../../streams/transport.js'

/** Calls `abort` once when the signal of the options, or of the context they pass on, is aborted; at once when it already is. */
export function watchSignals(
  { signal, context }: Pick<CallOptions, 'signal' | 'context'>,
  abort: (error: ServiceError) => void,
): Cancel | undefined {
  if (signal === undefined && context === undefined) return undefined
  const signals = [signal, context?.signal].filter(given => given !== undefined)
  const aborted = signals.find(given => given.aborted)
  if (aborted !== undefined) {
    abort(cancelled(aborted))
    return undefined
  }
  const listeners = signals.map(given => {
    const listener = () => abort(cancelled(given))
    given.addEventListener('abort', listener, { once: true })
    return () => given.removeEventListener('abort', listener)
  })
  return () => listeners.forEach(remove => remove())
}

function cancelled(signal: AbortSignal): ServiceError {
  const reason: unknown = signal.reason
  return new ServiceError('cancelled', 'the call was cancelled by its signal', {
    id: 'headrace.client',
    cause: reason,
  })
}
