import type { ServiceEvent } from './events.js'
import type { ProcessFacts } from './process-facts.js'
import type { RunOptions, Service } from './service-types.js'

type Runnable = Pick<Service, 'start' | 'close' | 'events'>

/** Starts a service, writes its notices and warnings as lines, waits for a signal or its end, and closes it. */
export async function runService(
  service: Runnable,
  facts: Pick<ProcessFacts, 'onStopSignal'>,
  log: (line: string) => void,
  { signal, ...closing }: RunOptions,
): Promise<void> {
  const ended = writeEvents(service, log)
  const stop = stopSignal(facts, signal)
  try {
    await service.start()
    await Promise.race([stop.told, ended])
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

function stopSignal({ onStopSignal }: Pick<ProcessFacts, 'onStopSignal'>, signal: AbortSignal | undefined) {
  let stop: () => void = () => undefined
  const told = new Promise<void>(resolve => (stop = resolve))
  const off = onStopSignal(() => stop())
  signal?.addEventListener('abort', stop, { once: true })
  if (signal?.aborted === true) stop()
  const release = () => {
    off()
    signal?.removeEventListener('abort', stop)
  }
  return { told, release }
}
