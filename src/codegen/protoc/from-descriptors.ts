import type {
  EnumDescriptor,
  FieldDescriptor,
  FileDescriptor,
  MessageDescriptor,
  ServiceDescriptor,
  ValueType,
} from '../descriptor.js'
import { inScope } from '../link/symbols.js'
import { jsonName } from '../../adapters/codec/proto-types/field-names.js'
import { fieldTypes } from './field-types.js'
import type { RawEnum, RawField, RawFile, RawMessage, RawService } from './request-type.js'

/** Where a declaration is in its file, as SourceCodeInfo counts. */
type Path = readonly number[]

/** The numbers of fields in descriptor.proto, which make up paths. */
const inFile = { message: 4, enum: 5, service: 6, extension: 7 }
const inMessage = { field: 2, message: 3, enum: 4, extension: 6, oneof: 8 }

/** A file as protoc describes it, in the intermediate form: linked, without positions. */
export function fromDescriptors(file: RawFile): FileDescriptor {
  return new Reader(file).file()
}

class Reader {
  private readonly docs: ReadonlyMap<string, string>

  constructor(private readonly raw: RawFile) {
    const locations = raw.sourceCodeInfo?.location ?? []
    this.docs = new Map(
      locations.map(({ path, leadingComments, trailingComments }) => [
        path.join('.'),
        leadingComments === '' ? trailingComments : leadingComments,
      ]),
    )
  }

  file(): FileDescriptor {
    const { raw } = this
    return {
      name: raw.name,
      syntax: raw.syntax === 'proto3' ? 'proto3' : 'proto2',
      package: raw.package,
      imports: raw.dependency.map((name, at) => ({
        name,
        public: raw.publicDependency.includes(at),
        weak: raw.weakDependency.includes(at),
      })),
      messages: raw.messageType.map((each, at) => this.message(each, [inFile.message, at], raw.package)),
      enums: raw.enumType.map((each, at) => this.enum(each, [inFile.enum, at])),
      services: raw.service.map((each, at) => this.service(each, [inFile.service, at])),
      extensions: raw.extension.map((each, at) => this.field(each, [inFile.extension, at], noEntries, [])),
    }
  }

  private message(raw: RawMessage, path: Path, scope: string): MessageDescriptor {
    const own = inScope(scope, raw.name)
    const entries = new Map(
      raw.nestedType
        .filter(({ options }) => options?.mapEntry === true)
        .map(each => [inScope(own, each.name), each]),
    )
    const oneofs = raw.oneofDecl.map(({ name }) => name)
    // A field with `optional` has a oneof of its own that nobody wrote.
    const written = new Set(raw.field.filter(each => !each.proto3Optional).map(each => each.oneofIndex))
    return {
      ...this.declared(raw, path),
      fields: raw.field.map((each, at) => this.field(each, [...path, inMessage.field, at], entries, oneofs)),
      oneofs: oneofs
        .map((name, at) => ({ at, declared: this.declared({ name }, [...path, inMessage.oneof, at]) }))
        .filter(({ at }) => written.has(at))
        .map(({ declared }) => declared),
      messages: raw.nestedType
        .map((each, at) => ({ each, at: [...path, inMessage.message, at] }))
        .filter(({ each }) => each.options?.mapEntry !== true)
        .map(({ each, at }) => this.message(each, at, own)),
      enums: raw.enumType.map((each, at) => this.enum(each, [...path, inMessage.enum, at])),
      extensions: raw.extension.map((each, at) =>
        this.field(each, [...path, inMessage.extension, at], noEntries, []),
      ),
      extensionRanges: raw.extensionRange.map(({ start, end }) => ({ start, end: end - 1 })),
      reservedRanges: [],
      reservedNames: [],
    }
  }

  private field(raw: RawField, path: Path, entries: Entries, oneofs: readonly string[]): FieldDescriptor {
    const entry = entries.get(fullName(raw.typeName))
    const { options, defaultValue, oneofIndex, proto3Optional } = raw
    const oneof = proto3Optional || oneofIndex === undefined ? undefined : oneofs[oneofIndex]
    const isExtension = raw.extendee !== ''
    const ownJsonName = !isExtension && raw.jsonName !== '' && raw.jsonName !== jsonName(raw.name)
    return {
      ...this.declared(raw, path),
      number: raw.number,
      label: raw.label === 3 ? 'repeated' : raw.label === 2 ? 'required' : 'optional',
      hasPresence: this.raw.syntax !== 'proto3' || proto3Optional || oneof !== undefined,
      type: valueType(entry?.field[1] ?? raw),
      ...(entry?.field[0] === undefined ? {} : keyOf(entry.field[0])),
      ...(oneof === undefined ? {} : { oneof }),
      ...(ownJsonName ? { jsonName: raw.jsonName } : {}),
      ...(defaultValue === undefined ? {} : { default: defaultValue }),
      ...(options?.packed === undefined ? {} : { packed: options.packed }),
      ...(isExtension ? { extendee: { name: fullName(raw.extendee) } } : {}),
    }
  }

  private enum(raw: RawEnum, path: Path): EnumDescriptor {
    return {
      ...this.declared(raw, path),
      allowAlias: raw.options?.allowAlias ?? false,
      values: raw.value.map((each, at) => ({
        ...this.declared(each, [...path, 2, at]),
        number: each.number,
      })),
    }
  }

  private service(raw: RawService, path: Path): ServiceDescriptor {
    return {
      ...this.declared(raw, path),
      methods: raw.method.map((each, at) => ({
        ...this.declared(each, [...path, 2, at]),
        input: { name: fullName(each.inputType) },
        output: { name: fullName(each.outputType) },
        clientStreaming: each.clientStreaming,
        serverStreaming: each.serverStreaming,
        idempotent: (each.options?.idempotencyLevel ?? 0) > 0,
      })),
    }
  }

  private declared(
    { name, options }: { readonly name: string; readonly options?: { readonly deprecated: boolean } },
    path: Path,
  ) {
    return { name, doc: this.docs.get(path.join('.')) ?? '', deprecated: options?.deprecated ?? false }
  }
}

/** The entry messages that maps are made of, by full name: a field for the key and one for the value. */
type Entries = ReadonlyMap<string, RawMessage>
const noEntries: Entries = new Map<string, RawMessage>([])

function valueType({ type, typeName }: RawField): ValueType {
  const known = fieldTypes[type]
  if (known === undefined) throw new Error(`a field of type ${type}`)
  return known.kind === 'scalar' ? known : { kind: known.kind, name: fullName(typeName) }
}

function keyOf(raw: RawField): Pick<FieldDescriptor, 'mapKey'> {
  const type = valueType(raw)
  return type.kind === 'scalar' ? { mapKey: type.scalar } : {}
}

const fullName = (name: string): string => name.replace(/^\./, '')
