import type { Root } from 'protobufjs'
import { ServiceError, type ServiceDefinition, type TypeRef } from '../../../streams/index.js'
import { describeRoot, fullName } from './describe-root.js'
import { Schema } from './schema.js'
import { serviceDefinition } from './service-definition.js'
import { typeRefs } from './type-ref.js'

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

/** The types of a root whose names have been resolved. */
export function typesOf(root: Root): ProtoTypes {
  const refOf = typeRefs(new Schema([describeRoot(root)]))
  return {
    type: <T>(name: string) => refOf(fullName(find(name, () => root.lookupType(name)))) as TypeRef<T>,
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
