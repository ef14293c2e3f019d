import type { EnumDescriptor, FieldDescriptor, FileDescriptor, MessageDescriptor } from '../descriptor.js'
import { inScope } from '../link/symbols.js'
import { indent } from './layout.js'

/** The source that a generated file keeps for its run time: messages and enums, without what only readers and other tools need. */
export function protoSource(file: FileDescriptor): readonly string[] {
  const printer = new Printer(file)
  return [
    `syntax = "${file.syntax}";`,
    ...(file.package === '' ? [] : [`package ${file.package};`]),
    ...file.enums.flatMap(enumSource),
    ...file.messages
      .filter(message => !printer.isGroup(file.package, message))
      .flatMap(message => printer.message(file.package, message)),
    ...printer.extensions(file.package, file),
  ]
}

class Printer {
  /** The full names of the message types that groups declare: they are printed where the group is. */
  private readonly groups = new Map<string, MessageDescriptor>()

  constructor(private readonly file: FileDescriptor) {
    this.findGroups(file.package, file)
  }

  isGroup(scope: string, { name }: MessageDescriptor): boolean {
    return this.groups.has(inScope(scope, name))
  }

  message(scope: string, message: MessageDescriptor): readonly string[] {
    const lines = this.body(inScope(scope, message.name), message)
    return lines.length === 0
      ? [`message ${message.name} {}`]
      : [`message ${message.name} {`, ...indent(lines), '}']
  }

  extensions(scope: string, { extensions }: Pick<MessageDescriptor, 'extensions'>): readonly string[] {
    return extensions.flatMap(field => [
      `extend ${this.typeName(scope, field.extendee?.name ?? '')} {`,
      ...indent(this.field(scope, field)),
      '}',
    ])
  }

  private body(own: string, message: MessageDescriptor): readonly string[] {
    return [
      ...message.enums.flatMap(enumSource),
      ...message.messages
        .filter(inner => !this.isGroup(own, inner))
        .flatMap(inner => this.message(own, inner)),
      ...this.fields(own, message),
      ...message.extensionRanges.map(
        ({ start, end }) => `extensions ${start} to ${end === 2 ** 29 - 1 ? 'max' : end};`,
      ),
      ...this.extensions(own, message),
    ]
  }

  private fields(own: string, { fields, oneofs }: MessageDescriptor): readonly string[] {
    const printed = new Set<string>()
    return fields.flatMap(field => {
      const { oneof } = field
      // protobufjs reads no group in a oneof; beside it, it is the same on the wire.
      if (oneof === undefined || field.type.kind === 'group') return this.field(own, field)
      if (printed.has(oneof) || !oneofs.some(({ name }) => name === oneof)) return []
      printed.add(oneof)
      const members = fields.filter(each => each.oneof === oneof && each.type.kind !== 'group')
      return [`oneof ${oneof} {`, ...indent(members.flatMap(each => this.field(own, each))), '}']
    })
  }

  private field(scope: string, field: FieldDescriptor): readonly string[] {
    const label = this.label(field)
    const options = optionsOf(field)
    const { type, mapKey } = field
    const group = type.kind === 'group' ? this.groups.get(type.name) : undefined
    if (group !== undefined) {
      const opening = `${label}group ${group.name} = ${field.number}${options} {`
      return [opening, ...indent(this.body(inScope(scope, group.name), group)), '}']
    }
    const item = type.kind === 'scalar' ? type.scalar : this.typeName(scope, type.name)
    const written = mapKey === undefined ? item : `map<${mapKey}, ${item}>`
    return [`${label}${written} ${field.name} = ${field.number}${options};`]
  }

  private label({ label, mapKey, oneof, hasPresence, type }: FieldDescriptor): string {
    if (mapKey !== undefined || (oneof !== undefined && type.kind !== 'group')) return ''
    if (label === 'optional' && !hasPresence) return ''
    return `${label} `
  }

  /** The name relative to the package where that cannot be taken for another, else the full one. */
  private typeName(scope: string, full: string): string {
    const { package: own } = this.file
    const relative = own === '' ? full : full.startsWith(`${own}.`) ? full.slice(own.length + 1) : undefined
    if (relative === undefined || this.isShadowed(scope, relative.split('.', 1)[0] ?? '')) return `.${full}`
    return relative
  }

  /** Is there something of that name between the scope and the package? */
  private isShadowed(scope: string, first: string): boolean {
    const path = scope
      .slice(this.file.package.length)
      .split('.')
      .filter(part => part !== '')
    let { messages } = this.file as Pick<MessageDescriptor, 'messages'>
    for (const part of path) {
      const message = messages.find(({ name }) => name === part)
      if (message === undefined) return false
      if (
        [...message.messages, ...message.enums, ...message.fields, ...message.oneofs].some(
          ({ name }) => name === first,
        )
      )
        return true
      messages = message.messages
    }
    return false
  }

  private findGroups(
    scope: string,
    {
      messages,
      fields,
      extensions,
    }: Pick<MessageDescriptor, 'messages' | 'extensions'> & Partial<Pick<MessageDescriptor, 'fields'>>,
  ): void {
    for (const { type } of [...(fields ?? []), ...extensions]) {
      const group =
        type.kind === 'group' ? messages.find(({ name }) => inScope(scope, name) === type.name) : undefined
      if (group !== undefined) this.groups.set(inScope(scope, group.name), group)
    }
    for (const message of messages) this.findGroups(inScope(scope, message.name), message)
  }
}

function optionsOf({ jsonName, packed }: FieldDescriptor): string {
  const options = [
    ...(packed === undefined ? [] : [`packed = ${packed}`]),
    ...(jsonName === undefined ? [] : [`json_name = ${JSON.stringify(jsonName)}`]),
  ]
  return options.length === 0 ? '' : ` [${options.join(', ')}]`
}

function enumSource({ name, values, allowAlias }: EnumDescriptor): readonly string[] {
  const lines = values.map(value => `${value.name} = ${value.number};`)
  return [`enum ${name} {`, ...indent([...(allowAlias ? ['option allow_alias = true;'] : []), ...lines]), '}']
}
