import { ServiceError } from '../../../streams/index.js'
import type { EnumDescription, FieldDescription, FileDescription } from './description.js'

/** The types of some files by their full names. */
export class Schema {
  private readonly messages = new Map<string, readonly FieldDescription[]>()
  private readonly enums = new Map<string, EnumDescription>()

  constructor(files: Iterable<FileDescription>) {
    for (const { messages = {}, enums = {} } of files) {
      for (const [name, fields] of Object.entries(messages)) this.messages.set(name, fields)
      for (const [name, values] of Object.entries(enums)) this.enums.set(name, values)
    }
  }

  /** The fields of a message type. Throws `not_found`. */
  fieldsOf(name: string): readonly FieldDescription[] {
    const fields = this.messages.get(name)
    if (fields !== undefined) return fields
    throw new ServiceError('not_found', `'${name}' is no message type of the loaded .proto files`)
  }

  hasMessage(name: string): boolean {
    return this.messages.has(name)
  }

  enumOf(name: string): EnumDescription | undefined {
    return this.enums.get(name)
  }
}
