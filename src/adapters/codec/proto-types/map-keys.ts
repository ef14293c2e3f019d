import type { Element } from './element.js'
import { FieldFault, describeValue } from './field-fault.js'
import { checkSurrogates } from './surrogates.js'

/** The keys of a map: how they stand on the wire, and as properties of an object. */
export interface MapKey {
  readonly element: Element
  /** The key that a property stands for. Throws for a text that is none. */
  ofText(text: string): unknown
}

/** The keys of a scalar type. */
export function mapKey(type: string, element: Element): MapKey {
  if (type === 'string') return { element, ofText }
  if (type === 'bool') return { element, ofText: booleanOf }
  return {
    element,
    ofText(text) {
      const key = integerOf(text, type.endsWith('64'))
      element.toJson(key, 0) // is it in the range of the type?
      return key
    },
  }
}

function ofText(text: string): string {
  checkSurrogates(text)
  return text
}

function booleanOf(text: string): boolean {
  if (text === 'true' || text === 'false') return text === 'true'
  throw new FieldFault(`the key ${describeValue(text)} is neither true nor false`)
}

function integerOf(text: string, long: boolean): bigint | number {
  if (!/^(0|-?[1-9][0-9]{0,19})$/.test(text))
    throw new FieldFault(`the key ${describeValue(text)} is no integer`)
  return long ? BigInt(text) : Number(text)
}
