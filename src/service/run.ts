import { Subscription } from 'rxjs'
import type { ServiceEvent } from './events.js'
import type { Service, RunOptions } from './service-types.js'

/** What `run` uses of the process. */
export interface RunProcess {
  on(signal: 'SIGINT' | 'SIGTERM', listener: () => void): unknown
  off(signal: 'SIGINT' | 'SIGTERM', listener: () => void): unknown
}

type Runnable = Pick<Service, 'start' | 'close' | 'events'>

/** Starts a service, writes its notices and warnings as lines, waits for a signal or its failure, and closes it. */
export async function runService(
  service: Runnable,
  process: RunProcess,
  log: (line: string) => void,
  { signal, ...closing }: RunOptions,
): Promise<void> {
  const lines = new Subscription()
  lines.add(
    service.events.subscribe(({ level, text }: ServiceEvent) => {
      if (level !== 'info') log(text)
    }),
  )
  const told = stopSignal(process, signal)
  try {
    await service.start()
    await Promise.race([told.promise, ended(service)])
  } finally {
    told.release()
    await service.close(closing)
    lines.unsubscribe()
  }
}

/** `events` completes when the service has ended, for whatever reason. */
function ended({ events }: Runnable): Promise<void> {
  return new Promise(resolve => events.subscribe({ complete: resolve }))
}

function stopSignal(process: RunProcess, signal: AbortSignal | undefined) {
  let stop: () => void = () => undefined
  const promise = new Promise<void>(resolve => (stop = resolve))
  process.on('SIGINT', stop)
  process.on('SIGTERM', stop)
  signal?.addEventListener('abort', stop, { once: true })
  if (signal?.aborted === true) stop()
  const release = () => {
    process.off('SIGINT', stop)
    process.off('SIGTERM', stop)
    signal?.removeEventListener('abort', stop)
  }
  return { promise, release }
}
