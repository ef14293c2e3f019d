import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import protobuf, { type Root } from 'protobufjs'
import {
  ServiceError,
  given,
  resolveOptions,
  type OptionRules,
  type ServiceDefinition,
  type TypeRef,
} from '../../streams/index.js'
import { createCompiler } from './proto-types/compile-types.js'
import { serviceDefinition } from './proto-types/service-definition.js'
import { typeRef } from './proto-types/type-ref.js'

/**
 * The messages and services of some `.proto` files, as types for endpoints. Values are plain objects: names are
 * lowerCamelCase, 64-bit integers are `bigint` (a safe number is accepted when written), enums are numbers, `bytes` are
 * Uint8Arrays, maps are objects. A field without a value is its zero value, or absent if its absence can be told (messages,
 * `optional`, members of a `oneof`). In JSON the names and forms are those of go-micro 2017: the `.proto`'s own names, zero values
 * left out, 64-bit integers as digits, enums as numbers; read, names match in any case and as lowerCamelCase, 64-bit integers may
 * be text, enums may be names. Messages nest at most 100 levels.
 */
export interface ProtoTypes {
  /** The message type of that name, with or without its package. Throws `not_found`. The same object each time. */
  type<T = Record<string, unknown>>(name: string): TypeRef<T>
  /**
   * The endpoints of the service of that name, with or without its package: `Greeter.Hello` is `hello`, named
   * `Greeter.Hello` on the wire. Throws `not_found`.
   */
  service<D extends ServiceDefinition = ServiceDefinition>(name: string): D
}

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
  } catch (cause) {
    const files = typeof paths === 'string' ? paths : paths.join(', ')
    throw new ServiceError('bad_request', `loadProto ${files}: ${(cause as Error).message}`, { cause })
  }
  return typesOf(root)
}

/** The types of a `.proto` text, which imports nothing but `google/protobuf/…`. Throws `bad_request` with the line that is damaged. */
export function parseProto(source: string): ProtoTypes {
  try {
    const { root } = protobuf.parse(source, new protobuf.Root())
    root.resolveAll()
    return typesOf(root)
  } catch (cause) {
    if (cause instanceof ServiceError) throw cause
    throw new ServiceError('bad_request', `parseProto: ${(cause as Error).message}`, { cause })
  }
}

/** The types of a root of protobufjs. They work on a copy: the root stays as it is. */
export function protoTypes(root: Root): ProtoTypes {
  return typesOf(protobuf.Root.fromJSON(root.toJSON()))
}

function typesOf(root: Root): ProtoTypes {
  const shapeOf = createCompiler()
  const refs = new Map<protobuf.Type, TypeRef>()
  const refOf = (type: protobuf.Type): TypeRef => {
    const known = refs.get(type)
    if (known !== undefined) return known
    const made = typeRef(type, shapeOf)
    refs.set(type, made)
    return made
  }
  return {
    type: <T>(name: string) => refOf(find(name, () => root.lookupType(name))) as TypeRef<T>,
    service: <D extends ServiceDefinition>(name: string) =>
      serviceDefinition(
        find(name, () => root.lookupService(name)),
        refOf,
      ) as D,
  }
}

/** Looks a name up; what is not there is `not_found`. */
function find<T>(name: string, lookup: () => T): T {
  try {
    return lookup()
  } catch (cause) {
    throw new ServiceError('not_found', `'${name}' is not in the loaded .proto files`, { cause })
  }
}

function findFile(origin: string, target: string, directories: readonly string[]): string {
  const places = [
    join(dirname(origin), target),
    target,
    ...directories.map(directory => join(directory, target)),
  ]
  return places.find(place => existsSync(place)) ?? target
}
