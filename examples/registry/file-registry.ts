import {
  Subject,
  concatMap,
  defer,
  exhaustMap,
  ignoreElements,
  map,
  takeUntil,
  timer,
  type Observable,
} from 'rxjs'
import {
  NodeTable,
  ServiceError,
  checkService,
  given,
  milliseconds,
  resolveOptions,
  systemClock,
  type AdapterEvent,
  type Clock,
  type RegisterOptions,
  type Registry,
  type RegistryEvent,
  type ServiceRecord,
} from 'headrace/streams'
import { NodeFiles } from './node-files.js'

/** Options of {@link fileRegistry}. */
export interface FileRegistryOptions {
  /** How often a watch reads the directory, in milliseconds. @default 250 */
  readonly pollMs?: number
  /** @default the machine's clock */
  readonly clock?: Clock
}

// #region registry
/** A registry in a directory that several processes share. It works wherever they have a file system in common. */
export function fileRegistry(directory: string, options?: FileRegistryOptions): Registry {
  const resolved = resolveOptions<Required<FileRegistryOptions>>('file registry', options, {
    pollMs: milliseconds(250, 1),
    clock: given(systemClock),
  })
  return new FileRegistry(directory, resolved)
}

class FileRegistry implements Registry {
  readonly name = 'file'
  private readonly told = new Subject<AdapterEvent>()
  readonly events = this.told.asObservable()
  private readonly ending = new Subject<void>()
  private closing: Promise<void> | undefined
  private readonly files: NodeFiles

  constructor(
    directory: string,
    private readonly options: Required<FileRegistryOptions>,
  ) {
    const damaged = (error: ServiceError) => this.told.next({ kind: 'fault', adapter: this.name, error })
    this.files = new NodeFiles({ directory, clock: options.clock, damaged })
  }

  register(service: ServiceRecord, options?: RegisterOptions): Observable<never> {
    return this.ask(async () => {
      checkService('file registry', service, options)
      await this.files.write(service, options?.ttlMs)
    }).pipe(ignoreElements())
  }

  deregister({ nodes }: ServiceRecord): Observable<never> {
    return this.ask(() => this.files.remove(nodes.map(({ id }) => id))).pipe(ignoreElements())
  }

  lookup(name: string): Observable<readonly ServiceRecord[]> {
    return this.ask(() => this.files.read()).pipe(map(records => tableOf(records).lookup(name)))
  }

  list(): Observable<readonly string[]> {
    return this.ask(() => this.files.read()).pipe(map(records => tableOf(records).names()))
  }

  watch(name?: string): Observable<RegistryEvent> {
    const { pollMs, clock } = this.options
    return defer(() => {
      const table = new NodeTable()
      return timer(0, pollMs, clock.scheduler).pipe(
        exhaustMap(() => this.ask(() => this.files.read())),
        map(records => records.filter(record => name === undefined || record.name === name)),
        concatMap((records, index) => {
          const changes = follow(table, records)
          return index === 0 ? [{ kind: 'reset', services: table.all() } as const] : changes
        }),
      )
    }).pipe(takeUntil(this.ending))
  }

  close(): Promise<void> {
    this.closing ??= Promise.resolve().then(() => {
      this.ending.next()
      this.told.complete()
    })
    return this.closing
  }

  private ask<T>(operation: () => Promise<T>): Observable<T> {
    return defer(() => {
      if (this.closing !== undefined) throw new ServiceError('unavailable', 'file registry: it is closed')
      return operation()
    })
  }
}
// #endregion registry

function tableOf(records: readonly ServiceRecord[]): NodeTable {
  const table = new NodeTable()
  follow(table, records)
  return table
}

/** Makes the table say what the records say. Returns what changed. */
function follow(table: NodeTable, records: readonly ServiceRecord[]): readonly RegistryEvent[] {
  const idsOf = (list: readonly ServiceRecord[]) => list.flatMap(({ nodes }) => nodes.map(({ id }) => id))
  const present = new Set(idsOf(records))
  const gone = table.names().flatMap(name => {
    const ids = idsOf(table.lookup(name)).filter(id => !present.has(id))
    return table.remove(name, ids)
  })
  return [...gone, ...records.flatMap(record => table.put(record))]
}
