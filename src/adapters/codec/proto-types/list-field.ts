import type { Element, JsonElement } from './element.js'
import { FieldFault, describeValue, located } from './field-fault.js'
import { tagOf, type FieldWire } from './field-wire.js'
import type { MessageReader } from './message-reader.js'

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
      if (type === wireType) readItem(item, reader, depth, list)
      else if (type === 2 && isPackable) readPacked(item, reader, depth, list)
      else return false
      return true
    },
  }
}

function readItem(item: Element, reader: MessageReader, depth: number, list: unknown[]): void {
  const value = item.read(reader, depth + 1)
  if (value !== undefined) list.push(value)
}

function readPacked(item: Element, reader: MessageReader, depth: number, list: unknown[]): void {
  const end = reader.enter()
  while (reader.pos < reader.len) readItem(item, reader, depth, list)
  reader.leave(end)
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
