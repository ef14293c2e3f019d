import type { Element } from './element.js'
import { FieldFault, describeValue, located } from './field-fault.js'

/** A repeated field: an array. In JSON, `null` for an item is its zero value. */
export function listElement(item: Element, blank: () => unknown): Element {
  return {
    zero: () => [],
    isZero: value => checkList(value).length === 0,
    toMessage(value, depth) {
      const list = checkList(value)
      const converted = mapList(list, each => item.toMessage(each, depth))
      return converted.every((each, at) => each === list[at]) ? list : converted
    },
    toJson: (value, depth) => `[${mapList(checkList(value), each => item.toJson(each, depth)).join(',')}]`,
    fromJson: (json, depth) =>
      mapList(checkList(json), each => (each === null ? blank() : item.fromJson(each, depth))),
  }
}

/** A map field: an object whose keys are the text of the map's keys. `checkKey` throws for a text that is no key. */
export function mapElement(checkKey: (key: string) => void, item: Element, blank: () => unknown): Element {
  return {
    zero: () => ({}),
    isZero: value => Object.keys(checkMap(value)).length === 0,
    toMessage: (value, depth) => mapRecord(checkMap(value), checkKey, each => item.toMessage(each, depth)),
    toJson(value, depth) {
      const texts = Object.entries(mapRecord(checkMap(value), checkKey, each => item.toJson(each, depth)))
      return `{${texts.map(([key, text]) => `${JSON.stringify(key)}:${text}`).join(',')}}`
    },
    fromJson: (json, depth) =>
      mapRecord(checkMap(json), checkKey, each => (each === null ? blank() : item.fromJson(each, depth))),
  }
}

function checkList(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value
  throw new FieldFault(`${describeValue(value)} is no array`)
}

function checkMap(value: unknown): Readonly<Record<string, unknown>> {
  if (isRecord(value)) return value
  throw new FieldFault(`${describeValue(value)} is no object with the map's keys`)
}

/** An object that can have fields: no list, no bytes, no Map and the like. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  return !(ArrayBuffer.isView(value) || value instanceof Map || value instanceof Set || value instanceof Date)
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

function mapRecord<T>(
  record: Readonly<Record<string, unknown>>,
  checkKey: (key: string) => void,
  project: (value: unknown) => T,
): Record<string, T> {
  const projected: Record<string, T> = {}
  for (const key of Object.keys(record)) {
    try {
      checkKey(key)
      define(projected, key, project(record[key]))
    } catch (fault) {
      throw located(fault, key)
    }
  }
  return projected
}

function define<T>(record: Record<string, T>, key: string, value: T): void {
  if (key !== '__proto__') record[key] = value
  else Object.defineProperty(record, key, { value, writable: true, enumerable: true, configurable: true })
}
