import { ServiceError } from '../streams/errors.js'
import type { ServiceEvent } from './events.js'
import type { ProcessFacts } from './process-facts.js'
import type { RunOptions, Service } from './service-types.js'

type Runnable = Pick<Service, 'name' | 'start' | 'close' | 'abort' | 'events'>

/**
 * Starts a service, writes its notices and warnings as lines, waits for a signal or its end, and closes it. A signal during the start ends the
 * start, a second one ends the close: what is under way is aborted.
 */
export async function runService(
  service: Runnable,
  facts: Pick<ProcessFacts, 'onStopSignal'>,
  log: (line: string) => void,
  { signal, ...closing }: RunOptions,
): Promise<void> {
  const ended = writeEvents(service, log)
  const stop = stopSignal(facts, signal, () => void service.abort(impatient(service)))
  try {
    const over = Promise.race([stop.told, ended])
    await Promise.race([service.start().then(() => over), stop.told])
  } finally {
    await service.close(closing)
    stop.release()
  }
}

/** Resolves when the events are over: the service has ended, for whatever reason. */
function writeEvents({ events }: Runnable, log: (line: string) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    events.subscribe({
      next: ({ level, text }: ServiceEvent) => {
        if (level !== 'info') log(text)
      },
      error: reject,
      complete: resolve,
    })
  })
}

function stopSignal(
  { onStopSignal }: Pick<ProcessFacts, 'onStopSignal'>,
  signal: AbortSignal | undefined,
  again: () => void,
) {
  let stop: () => void = () => undefined
  let signals = 0
  const told = new Promise<void>(resolve => (stop = resolve))
  const off = onStopSignal(() => {
    signals += 1
    if (signals === 1) stop()
    else again()
  })
  signal?.addEventListener('abort', stop, { once: true })
  if (signal?.aborted === true) stop()
  const release = () => {
    off()
    signal?.removeEventListener('abort', stop)
  }
  return { told, release }
}

function impatient({ name }: Runnable): ServiceError {
  return new ServiceError('unavailable', `service ${name} was stopped by a second signal`, { id: name })
}
