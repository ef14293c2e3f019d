import { FieldFault, describeValue } from './field-fault.js'
import { scalarElements } from './scalar-elements.js'

/** A check of the text of a map's key, for the key type of a `.proto` file. */
export function mapKeyCheck(keyType: string): (key: string) => void {
  if (keyType === 'string') return checkText
  if (keyType === 'bool') return checkBoolean
  const element = scalarElements[keyType]
  return key => {
    if (!/^(0|-?[1-9][0-9]{0,19})$/.test(key))
      throw new FieldFault(`the key ${describeValue(key)} is no integer`)
    element?.toMessage(keyType.endsWith('64') ? BigInt(key) : Number(key), 0)
  }
}

function checkText(key: string): void {
  scalarElements['string']?.toMessage(key, 0)
}

function checkBoolean(key: string): void {
  if (key !== 'true' && key !== 'false')
    throw new FieldFault(`the key ${describeValue(key)} is neither true nor false`)
}
