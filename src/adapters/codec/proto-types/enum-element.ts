import type { Enum } from 'protobufjs'
import type { Element } from './element.js'
import { FieldFault, describeValue } from './field-fault.js'
import { scalarElements } from './scalar-elements.js'

/** An enum: a number, also one without a name, as peers with a newer `.proto` send it. A name is accepted as well. */
export function enumElement({ name, values }: Enum, first: number): Element {
  const int32 = scalarElements['int32'] as Element
  const numberOf = (value: unknown): number => {
    if (typeof value !== 'string') return int32.toMessage(value, 0) as number
    const known = Object.hasOwn(values, value) ? values[value] : undefined
    if (known !== undefined) return known
    throw new FieldFault(
      `${describeValue(value)} is no name of ${name}; known are ${Object.keys(values).join(', ')}`,
    )
  }
  return {
    zero: () => first,
    isZero: value => numberOf(value) === first,
    toMessage: numberOf,
    toJson: value => String(numberOf(value)),
    fromJson: numberOf,
  }
}
