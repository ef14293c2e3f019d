import { randomUUID } from 'node:crypto'
import { networkInterfaces } from 'node:os'
import { basename } from 'node:path'

/** What a service uses of its process. Read here and nowhere else. */
export interface ProcessFacts {
  /** The name of the program, for its help. */
  readonly program: string
  readonly argv: readonly string[]
  readonly env: Readonly<Record<string, string | undefined>>
  /** Writes a line for the operator: to standard error. */
  readonly log: (line: string) => void
  /** Writes what was asked for: to standard output. */
  readonly print: (text: string) => void
  readonly uuid: () => string
  readonly networkInterfaces: typeof networkInterfaces
  /** Listens to SIGINT and SIGTERM until the returned function is called. */
  readonly onStopSignal: (listener: () => void) => () => void
  /** Bytes of the heap in use. */
  readonly heapUsed: () => number
  /** How many things keep the event loop busy. */
  readonly activeResources: () => number
  /** Tells the length of each garbage collection, in milliseconds, until the returned function is called. */
  readonly onCollection: (listener: (ms: number) => void) => () => void
}

/** The facts of this process. */
export function processFacts(): ProcessFacts {
  return {
    program: basename(process.argv[1] ?? 'service'),
    argv: process.argv.slice(2),
    env: process.env,
    log: line => void process.stderr.write(`${line}\n`),
    print: text => void process.stdout.write(text),
    uuid: randomUUID,
    networkInterfaces,
    onStopSignal,
    heapUsed: () => process.memoryUsage().heapUsed,
    activeResources: () => process.getActiveResourcesInfo().length,
    onCollection,
  }
}

function onStopSignal(listener: () => void): () => void {
  process.on('SIGINT', listener)
  process.on('SIGTERM', listener)
  return () => {
    process.off('SIGINT', listener)
    process.off('SIGTERM', listener)
  }
}

function onCollection(listener: (ms: number) => void): () => void {
  const observer = new PerformanceObserver(list =>
    list.getEntries().forEach(({ duration }) => listener(duration)),
  )
  observer.observe({ entryTypes: ['gc'] })
  return () => observer.disconnect()
}
