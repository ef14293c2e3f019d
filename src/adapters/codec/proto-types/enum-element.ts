import type { EnumDescription } from './description.js'
import type { Element } from './element.js'
import { FieldFault, describeValue } from './field-fault.js'
import { integer32 } from './integer-values.js'

const int32 = integer32('int32', -(2 ** 31), 2 ** 31 - 1)

/** An enum: a number, also one without a name, as peers with a newer `.proto` send it. A name is accepted as well. */
export function enumElement(name: string, { values, closed }: EnumDescription): Element {
  const [first = 0] = Object.values(values)
  const known = new Set(Object.values(values))
  const short = name.slice(name.lastIndexOf('.') + 1)
  const numberOf = (value: unknown): number => {
    if (typeof value !== 'string') return int32.check(value)
    const number = Object.hasOwn(values, value) ? values[value] : undefined
    if (number !== undefined) return number
    const names = Object.keys(values).join(', ')
    throw new FieldFault(`${describeValue(value)} is no name of ${short}; known are ${names}`)
  }
  return {
    wireType: 0,
    zero: () => first,
    isZero: value => numberOf(value) === first,
    write: (value, writer) => void writer.int32(numberOf(value)),
    read(reader) {
      const number = reader.int32()
      return closed === true && !known.has(number) ? undefined : number
    },
    toJson: value => String(numberOf(value)),
    fromJson: numberOf,
  }
}
