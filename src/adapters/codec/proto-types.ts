import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import protobuf, { type Root } from 'protobufjs'
import { ServiceError, given, resolveOptions, type OptionRules } from '../../streams/index.js'
import { parseInto, standardFile } from './proto-types/standard-files.js'
import { typesOf, type ProtoTypes } from './proto-types/types-of-root.js'

export type { ProtoTypes }

/** Options of {@link loadProto}. */
export interface LoadProtoOptions {
  /**
   * Where imports are looked for that are not beside the importing file.
   * @default []
   */
  readonly includeDirectories?: readonly string[]
}

const rules: OptionRules<Required<LoadProtoOptions>> = { includeDirectories: given([]) }

/** Reads `.proto` files and what they import. Rejects with `bad_request` that names the file that is missing or damaged. */
export async function loadProto(
  paths: string | readonly string[],
  options?: LoadProtoOptions,
): Promise<ProtoTypes> {
  const { includeDirectories } = resolveOptions('loadProto', options, rules)
  const root = new protobuf.Root()
  root.resolvePath = (origin, target) => findFile(origin, target, includeDirectories)
  try {
    await root.load(typeof paths === 'string' ? paths : [...paths])
    root.resolveAll()
  } catch (cause) {
    const files = typeof paths === 'string' ? paths : paths.join(', ')
    throw new ServiceError('bad_request', `loadProto ${files}: ${(cause as Error).message}`, { cause })
  }
  return typesOf(root)
}

/**
 * The types of a `.proto` text, which imports nothing but `google/protobuf/…`. Throws `bad_request` with the line that is damaged, or with the import that is
 * not known.
 */
export function parseProto(source: string): ProtoTypes {
  const root = new protobuf.Root()
  try {
    parseInto(root, source)
    root.resolveAll()
    return typesOf(root)
  } catch (cause) {
    throw new ServiceError('bad_request', `parseProto: ${(cause as Error).message}`, { cause })
  }
}

/** The types of a root of protobufjs. They work on a copy: the root stays as it is. */
export function protoTypes(root: Root): ProtoTypes {
  const copy = protobuf.Root.fromJSON(root.toJSON())
  copy.resolveAll()
  return typesOf(copy)
}

function findFile(origin: string, target: string, directories: readonly string[]): string {
  const places = [
    join(dirname(origin), target),
    target,
    ...directories.map(directory => join(directory, target)),
  ]
  return places.find(place => existsSync(place)) ?? standardFile(target) ?? target
}
