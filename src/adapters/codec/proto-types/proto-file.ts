import type { TypeRef, ValueRecord } from '../../../streams/index.js'
import type { FileDescription } from './description.js'
import { extensionOf, type Extension } from './extension.js'
import type { MessageInit, MessageType } from './message-init.js'
import { Schema } from './schema.js'
import { typeRefs } from './type-ref.js'

/** The message types of one `.proto` file, which a generated file describes. Nothing is made of them before the first one is used. */
export interface ProtoFile {
  readonly description: FileDescription
  readonly imports: readonly ProtoFile[]
  /** The message type of that full name. What is not there is `not_found` at its first use. */
  message<T>(name: string): MessageType<T>
  /** The extension of that full name, which the description has as a message with a field `value`. */
  extension<T, V>(name: string): Extension<T, V>
}

/** What {@link protoFile} takes: a description, and the files whose types it names. */
export interface ProtoFileInit extends FileDescription {
  readonly imports?: readonly ProtoFile[]
}

/** The message types of a description with those of the files that it imports. For generated files. */
export function protoFile({ imports = [], ...description }: ProtoFileInit): ProtoFile {
  let refs: ((name: string) => TypeRef) | undefined
  const file: ProtoFile = {
    description,
    imports,
    extension: <T, V>(name: string) => extensionOf<T, V>(file.message(name)),
    message: <T>(name: string) =>
      new LazyType<T>(name, () => (refs ??= typeRefs(schemaOf(file)))(name) as TypeRef<T>),
  }
  return file
}

function schemaOf(file: ProtoFile): Schema {
  return new Schema([...withImports(file, new Set())].map(({ description }) => description))
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
