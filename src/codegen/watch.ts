import { watch } from 'node:fs'
import {
  Observable,
  debounceTime,
  defer,
  filter,
  first,
  from,
  merge,
  mergeMap,
  repeat,
  startWith,
} from 'rxjs'
import { ServiceError } from '../streams/index.js'
import { generateFrom, type GenerateOptions, type Generated } from './generate.js'
import { fileStore } from './load/file-store.js'
import type { SourceStore } from './load/load-files.js'
import { dirname } from './load/slash-paths.js'

/** One run of {@link watchAndGenerate}. */
export type GenerateEvent =
  | { readonly kind: 'generated'; readonly result: Generated }
  | { readonly kind: 'failed'; readonly error: ServiceError }

/** Editors write a file in several steps. */
const settleMs = 50

/** The texts of the files that a run looked at; `undefined` for one that was not there. */
type Seen = Map<string, string | undefined>

/**
 * Generates, and again whenever a `.proto` file that was read, or was missing, changes. Cold. The first event comes when the first run is done; a run that
 * fails is an event, and the watch goes on. Never completes, never errors. Unsubscribing ends the watch. A slow consumer delays the next run.
 */
export function watchAndGenerate(options: GenerateOptions): Observable<GenerateEvent> {
  return defer(() => {
    const seen: Seen = new Map()
    return defer(() => {
      seen.clear()
      return from(run(options, seen))
    }).pipe(repeat({ delay: () => changeOf(seen) }))
  })
}

async function run(options: GenerateOptions, seen: Seen): Promise<GenerateEvent> {
  try {
    return { kind: 'generated', result: await generateFrom(remembering(fileStore(), seen), options) }
  } catch (failure) {
    return { kind: 'failed', error: ServiceError.from(failure) }
  }
}

function remembering(store: SourceStore, seen: Seen): SourceStore {
  return {
    builtIn: name => store.builtIn(name),
    async read(path) {
      seen.set(path, undefined)
      const text = await store.read(path)
      seen.set(path, text)
      return text
    },
  }
}

/** Emits once when one of the files is not what it was, and at once when that has happened already. */
function changeOf(seen: Seen): Observable<unknown> {
  const directories = new Set([...seen.keys()].map(dirname))
  return merge(...[...directories].map(eventsIn)).pipe(
    startWith(undefined),
    debounceTime(settleMs),
    mergeMap(() => isChanged(seen)),
    filter(changed => changed),
    first(),
  )
}

/** Something has happened in a folder. A folder that is not there has no events. */
function eventsIn(directory: string): Observable<void> {
  return new Observable(observer => {
    try {
      const watcher = watch(directory, () => observer.next())
      watcher.on('error', () => observer.next())
      return () => watcher.close()
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') observer.error(cause)
      return undefined
    }
  })
}

async function isChanged(seen: Seen): Promise<boolean> {
  const store = fileStore()
  for (const [path, before] of [...seen]) {
    const now = await store.read(path).catch(() => undefined)
    if (now !== before) return true
  }
  return false
}
