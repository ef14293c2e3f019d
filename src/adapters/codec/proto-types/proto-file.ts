import protobuf from 'protobufjs'
import type { TypeRef, ValueRecord } from '../../../streams/index.js'
import type { MessageInit, MessageType } from './message-init.js'
import { typesOf, type ProtoTypes } from './types-of-root.js'

/** The message types of one `.proto` source, which a generated file holds. It is read when the first of its types is used. */
export interface ProtoFile {
  /** The source without comments, options and services. */
  readonly source: string
  readonly imports: readonly ProtoFile[]
  /** The message type of that full name. What is not there is `not_found` at its first use. */
  message<T>(name: string): MessageType<T>
}

/** The message types of a source with those of the files that it imports. For generated files. */
export function protoFile(source: string, imports: readonly ProtoFile[] = []): ProtoFile {
  let types: ProtoTypes | undefined
  const file: ProtoFile = {
    source,
    imports,
    message: <T>(name: string) => new LazyType<T>(name, () => (types ??= load(file)).type<T>(name)),
  }
  return file
}

function load(file: ProtoFile): ProtoTypes {
  const root = new protobuf.Root()
  for (const { source } of withImports(file, new Set())) protobuf.parse(source, root)
  root.resolveAll()
  return typesOf(root)
}

/** Every file once, behind what it imports. */
function withImports(file: ProtoFile, found: Set<ProtoFile>): ReadonlySet<ProtoFile> {
  for (const each of file.imports) if (!found.has(each)) withImports(each, found)
  return found.add(file)
}

/** A type that is looked up when it is used: a program pays for what it calls. */
class LazyType<T> implements MessageType<T> {
  private found: TypeRef<T> | undefined

  constructor(
    readonly name: string,
    private readonly find: () => TypeRef<T>,
  ) {}

  get record(): ValueRecord {
    return this.type.record
  }

  encodeBinary(value: MessageInit<T>): Uint8Array {
    return this.type.encodeBinary(value as T)
  }

  decodeBinary(bytes: Uint8Array): T {
    return this.type.decodeBinary(bytes)
  }

  encodeJson(value: MessageInit<T>): string {
    return this.type.encodeJson(value as T)
  }

  decodeJson(text: string): T {
    return this.type.decodeJson(text)
  }

  create(init = {} as MessageInit<T>): T {
    return this.decodeBinary(this.encodeBinary(init))
  }

  private get type(): TypeRef<T> {
    return (this.found ??= this.find())
  }
}
