import type { Observable } from 'rxjs'
import { ServiceError } from '../streams/index.js'

/** What to generate, from what, and where to. */
export interface GenerateOptions {
  /** The `.proto` files. What they import and use is generated as well. */
  readonly files: readonly string[]
  /** Where imports are looked for, as with `-I` of protoc. The folder of the importing file is looked at last. Default none. */
  readonly includeDirectories?: readonly string[]
  /** Where the generated files go, in the folders that their names have below an include directory. Default: each beside its `.proto`. */
  readonly outDirectory?: string
  /** Nothing is written: each file that would change is `stale`. Default false. */
  readonly check?: boolean
}

/** One file and what became of it. */
export interface GeneratedFile {
  /** The TypeScript file, for example `examples/greeter/greeter.headrace.ts`. */
  readonly path: string
  /** The `.proto` file it was made from. */
  readonly source: string
  /** `stale`: it differs or is missing, and `check` was set. */
  readonly state: 'written' | 'unchanged' | 'stale'
}

/** What a run of the generator did. */
export interface Generated {
  readonly files: readonly GeneratedFile[]
  /** Every `.proto` file that was read from disk: what a watcher watches. */
  readonly sources: readonly string[]
}

/** One run of {@link watchAndGenerate}. */
export type GenerateEvent =
  | { readonly kind: 'generated'; readonly result: Generated }
  | { readonly kind: 'failed'; readonly error: ServiceError }

/**
 * Writes `<name>.headrace.ts` for each file and for what it uses of its imports; files that would not change are not touched. Rejects with a ServiceError and
 * writes nothing when a file is missing (`not_found`) or damaged (`bad_request`): its detail begins with `file:line:column: `.
 */
export async function generate(options: GenerateOptions): Promise<Generated> {
  throw new ServiceError('unimplemented', `generate ${options.files.join(', ')}`)
}

/**
 * Generates, and again whenever a `.proto` file that was read changes. Cold. The first event comes when the first run is done; a run that fails is
 * an event, and the watch goes on. Never completes, never errors. Unsubscribing ends the watch. A slow consumer delays the next run.
 */
export function watchAndGenerate(options: GenerateOptions): Observable<GenerateEvent> {
  throw new ServiceError('unimplemented', `watch ${options.files.join(', ')}`)
}
