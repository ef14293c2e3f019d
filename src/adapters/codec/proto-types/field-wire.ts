import type { Element } from './element.js'
import type { MessageReader } from './message-reader.js'
import type { MessageWriter } from './message-writer.js'

/** How a field is written and read as protobuf. */
export interface FieldWire {
  /** Writes the value of a field that is set, with its tags. */
  write(value: unknown, writer: MessageWriter, depth: number): void
  /** Reads what stands behind a tag into the message. False: it is of another type than the field's, or a value that the field does not know, and belongs to the unknown fields. */
  read(reader: MessageReader, wireType: number, message: Record<string, unknown>, depth: number): boolean
}

/** A field with one value. With `implicit` its zero value is not written. */
export function singleField(name: string, number: number, element: Element, implicit: boolean): FieldWire {
  const { wireType } = element
  const tag = tagOf(number, wireType)
  return {
    write(value, writer, depth) {
      if (implicit && element.isZero(value)) return
      writer.uint32(tag)
      element.write(value, writer, depth)
    },
    read(reader, type, message) {
      if (type !== wireType) return false
      const value = element.read(reader, 0)
      if (value !== undefined) message[name] = value
      return value !== undefined
    },
  }
}

/** A field with a message: what is read is added to the one before. */
export function messageField(name: string, number: number, element: Element): FieldWire {
  const { wireType } = element
  return {
    ...singleField(name, number, element, false),
    read(reader, type, message, depth) {
      if (type !== wireType) return false
      // Every object has a `constructor`, and a few others.
      const before = Object.hasOwn(message, name) ? message[name] : undefined
      message[name] = element.read(reader, depth + 1, before)
      return true
    },
  }
}

/** A member of a oneof: when it is read, the `others` are no longer set. */
export function memberField(wire: FieldWire, others: readonly string[]): FieldWire {
  return {
    ...wire,
    read(reader, type, message, depth) {
      const isRead = wire.read(reader, type, message, depth)
      if (isRead) for (const other of others) if (message[other] !== undefined) delete message[other]
      return isRead
    },
  }
}

/** The tag in front of a value. */
export function tagOf(number: number, wireType: number): number {
  return ((number << 3) | wireType) >>> 0
}
