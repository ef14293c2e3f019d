import type { Element, JsonElement } from './element.js'
import { FieldFault, describeValue, located } from './field-fault.js'
import { tagOf, type FieldWire } from './field-wire.js'
import type { MessageReader } from './message-reader.js'
import { keepUnknownItem } from './unknown-fields.js'

/** A repeated field: an array. In JSON, `null` for an item is its zero value. */
export function listElement(item: JsonElement, blank: () => unknown): JsonElement {
  return {
    zero: () => [],
    isZero: value => checkList(value).length === 0,
    toJson: (value, depth) => `[${mapList(checkList(value), each => item.toJson(each, depth)).join(',')}]`,
    fromJson: (json, depth) =>
      mapList(checkList(json), each => (each === null ? blank() : item.fromJson(each, depth))),
  }
}

/** Its values on the wire: each behind a tag, or in one piece where the field is `pack`ed and they are numbers. Both are read. */
export function listField(name: string, number: number, item: Element, pack: boolean): FieldWire {
  const { wireType } = item
  const isPackable = wireType === 0 || wireType === 1 || wireType === 5
  const packed = pack && isPackable
  const tag = tagOf(number, packed ? 2 : wireType)
  return {
    write(value, writer, depth) {
      const list = checkList(value)
      if (list.length === 0) return
      if (packed) writer.uint32(tag).fork()
      mapList(list, each => {
        if (!packed) writer.uint32(tag)
        item.write(each, writer, depth)
      })
      if (packed) writer.ldelim()
    },
    read(reader, type, message, depth) {
      const list = message[name] as unknown[]
      if (type === wireType) return readItem(item, reader, depth, list)
      if (type !== 2 || !isPackable) return false
      const end = reader.enter()
      while (reader.pos < reader.len) {
        const { pos } = reader
        if (!readItem(item, reader, depth, list))
          keepUnknownItem(message, tagOf(number, wireType), reader.buf, pos, reader.pos)
      }
      reader.leave(end)
      return true
    },
  }
}

/** False for a value that is not known. */
function readItem(item: Element, reader: MessageReader, depth: number, list: unknown[]): boolean {
  const value = item.read(reader, depth + 1)
  if (value !== undefined) list.push(value)
  return value !== undefined
}

function checkList(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value
  throw new FieldFault(`${describeValue(value)} is no array`)
}

function mapList<T>(list: readonly unknown[], project: (item: unknown) => T): T[] {
  const projected: T[] = []
  try {
    for (const item of list) projected.push(project(item))
  } catch (fault) {
    throw located(fault, projected.length)
  }
  return projected
}
