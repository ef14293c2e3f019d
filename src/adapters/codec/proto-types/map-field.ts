import type { Element, JsonElement } from './element.js'
import { FieldFault, describeValue, isRecord, located } from './field-fault.js'
import { tagOf, type FieldWire } from './field-wire.js'
import type { MapKey } from './map-keys.js'
import type { MessageReader } from './message-reader.js'

type Plain = Record<string, unknown>

/** A map field: an object whose keys are the text of the map's keys. */
export function mapElement(keys: MapKey, item: JsonElement, blank: () => unknown): JsonElement {
  return {
    zero: () => ({}),
    isZero: value => Object.keys(checkMap(value)).length === 0,
    toJson(value, depth) {
      const texts: string[] = []
      each(checkMap(value), (key, one) => {
        keys.ofText(key)
        texts.push(`${JSON.stringify(key)}:${item.toJson(one, depth)}`)
      })
      return `{${texts.join(',')}}`
    },
    fromJson(json, depth) {
      const map: Plain = {}
      each(checkMap(json), (key, one) => {
        keys.ofText(key)
        define(map, key, one === null ? blank() : item.fromJson(one, depth))
      })
      return map
    },
  }
}

/** Its entries on the wire: messages with the key as field 1 and the value as field 2. `blank` is the value of an entry without one. */
export function mapField(
  name: string,
  number: number,
  keys: MapKey,
  item: Element,
  blank: () => unknown,
): FieldWire {
  const { element: key } = keys
  const entryTag = tagOf(number, 2)
  const [keyTag, itemTag] = [tagOf(1, key.wireType), tagOf(2, item.wireType)]
  return {
    write(value, writer, depth) {
      each(checkMap(value), (text, one) => {
        writer.uint32(entryTag).fork().uint32(keyTag)
        key.write(keys.ofText(text), writer, depth)
        writer.uint32(itemTag)
        item.write(one, writer, depth)
        writer.ldelim()
      })
    },
    read(reader, type, message, depth) {
      if (type !== 2) return false
      const entry = readEntry(reader, depth, keyTag, key, itemTag, item)
      if (entry === undefined) return false
      define(message[name] as Plain, String(entry.key), entry.value ?? blank())
      return true
    },
  }
}

interface Entry {
  readonly key: unknown
  readonly value: unknown
}

/** `undefined` for one whose value is not known. */
function readEntry(
  reader: MessageReader,
  depth: number,
  keyTag: number,
  key: Element,
  itemTag: number,
  item: Element,
): Entry | undefined {
  const end = reader.enter()
  let [text, value]: unknown[] = [key.zero()]
  let known = true
  while (reader.pos < reader.len) {
    const tag = reader.tag()
    if (tag === keyTag) text = key.read(reader, depth)
    else if (tag === itemTag) {
      value = item.read(reader, depth + 1, value)
      known = value !== undefined
    } else reader.skipType(tag & 7, depth, tag >>> 3)
  }
  reader.leave(end)
  return known ? { key: text, value } : undefined
}

function checkMap(value: unknown): Readonly<Plain> {
  if (isRecord(value)) return value
  throw new FieldFault(`${describeValue(value)} is no object with the map's keys`)
}

function each(map: Readonly<Plain>, work: (key: string, value: unknown) => void): void {
  for (const key of Object.keys(map)) {
    try {
      work(key, map[key])
    } catch (fault) {
      throw located(fault, key)
    }
  }
}

function define(map: Plain, key: string, value: unknown): void {
  if (key !== '__proto__') map[key] = value
  else Object.defineProperty(map, key, { value, writable: true, enumerable: true, configurable: true })
}
