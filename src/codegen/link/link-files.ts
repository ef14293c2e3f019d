import type {
  FieldDescriptor,
  FileDescriptor,
  MessageDescriptor,
  ServiceDescriptor,
  ValueType,
} from '../descriptor.js'
import { checkExtension, checkMessage, messagesByName } from './check-message.js'
import { Resolver } from './resolver.js'
import { collectSymbols, inScope, type SourceFile } from './symbols.js'

/**
 * Looks up every type name of parsed files that have all their imports among them, and checks what one file alone cannot show.
 * Throws `bad_request` with file, line and column.
 */
export function linkFiles(files: readonly SourceFile[]): readonly FileDescriptor[] {
  const symbols = collectSymbols(files)
  const byName = new Map(files.map(file => [file.descriptor.name, file]))
  const messages = messagesByName(files.map(({ descriptor }) => descriptor))
  return files.map(file => {
    const linker = new Linker(new Resolver(file, byName, symbols))
    const linked = linker.file(file.descriptor)
    for (const message of everyMessage(linked.messages)) checkMessage(file.path, message)
    for (const extension of everyExtension(linked)) checkExtension(file.path, extension, messages)
    return linked
  })
}

/** Resolves the names of one file. */
class Linker {
  constructor(private readonly resolver: Resolver) {}

  file(file: FileDescriptor): FileDescriptor {
    const scope = file.package
    return {
      ...file,
      messages: file.messages.map(message => this.message(scope, message)),
      extensions: file.extensions.map(field => this.field(scope, field)),
      services: file.services.map(service => this.service(scope, service)),
    }
  }

  private message(scope: string, message: MessageDescriptor): MessageDescriptor {
    const own = inScope(scope, message.name)
    return {
      ...message,
      fields: message.fields.map(field => this.field(own, field)),
      messages: message.messages.map(inner => this.message(own, inner)),
      extensions: message.extensions.map(field => this.field(own, field)),
    }
  }

  private field(scope: string, field: FieldDescriptor): FieldDescriptor {
    const { extendee } = field
    const type = this.type(scope, field.type)
    if (extendee === undefined) return { ...field, type }
    const name = this.resolver.message(scope, extendee.name, extendee.at)
    return { ...field, type, extendee: { ...extendee, name } }
  }

  private type(scope: string, type: ValueType): ValueType {
    if (type.kind === 'scalar') return type
    const { name, kind } = this.resolver.type(scope, type.name, type.at)
    return { ...type, name, kind: type.kind === 'group' ? 'group' : kind }
  }

  private service(scope: string, service: ServiceDescriptor): ServiceDescriptor {
    const own = inScope(scope, service.name)
    const message = ({ name, at }: ServiceDescriptor['methods'][number]['input']) => ({
      name: this.resolver.message(own, name, at),
      ...(at === undefined ? {} : { at }),
    })
    return {
      ...service,
      methods: service.methods.map(method => ({
        ...method,
        input: message(method.input),
        output: message(method.output),
      })),
    }
  }
}

function everyMessage(messages: readonly MessageDescriptor[]): readonly MessageDescriptor[] {
  return messages.flatMap(message => [message, ...everyMessage(message.messages)])
}

function everyExtension({ extensions, messages }: FileDescriptor): readonly FieldDescriptor[] {
  return [...extensions, ...everyMessage(messages).flatMap(message => message.extensions)]
}
