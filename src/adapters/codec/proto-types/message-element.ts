import type { Element } from './element.js'
import { located } from './field-fault.js'
import type { FieldShape, MessageShape } from './message-shape.js'
import { readGroup, readMessage } from './read-message.js'
import { checkChoices, checkMessage, present, writeMessage } from './write-message.js'

type Plain = Record<string, unknown>

/** A message: a plain object. `shape` is asked for when a value comes, because message types may contain themselves. */
export function messageElement(shape: () => MessageShape): Element {
  return {
    wireType: 2,
    zero: () => undefined,
    isZero: () => false,
    write(value, writer, depth) {
      writer.fork()
      writeMessage(shape(), value, writer, depth)
      writer.ldelim()
    },
    read(reader, depth, into) {
      const end = reader.enter()
      const message = readMessage(shape(), reader, depth, into as Plain | undefined)
      reader.leave(end)
      return message
    },
    toJson: (value, depth) => toJson(shape(), checkMessage(value, depth), depth),
    fromJson: (json, depth) => fromJson(shape(), checkMessage(json, depth), depth),
  }
}

/** A message between two tags with the number of its field. */
export function groupElement(shape: () => MessageShape, number: number): Element {
  return {
    ...messageElement(shape),
    wireType: 3,
    write(value, writer, depth) {
      writeMessage(shape(), value, writer, depth)
      writer.uint32(((number << 3) | 4) >>> 0)
    },
    read: (reader, depth, into) => readGroup(shape(), reader, number, depth, into as Plain | undefined),
  }
}

function toJson(shape: MessageShape, value: Readonly<Plain>, depth: number): string {
  let text = ''
  for (const field of shape.fields) {
    const given = present(field, value)
    if (given === undefined) continue
    const json = inField(field, () => field.element.toJson(given, depth + 1))
    if (field.presence === 'implicit' && field.element.isZero(given)) continue
    text += `${text === '' ? '' : ','}${JSON.stringify(field.wireName)}:${json}`
  }
  checkChoices(shape, value)
  return `{${text}}`
}

/** Unknown members are ignored, `null` is as good as absent, and names match in any case, as in Go. */
function fromJson(shape: MessageShape, json: Readonly<Plain>, depth: number): Plain {
  const message = shape.create()
  for (const key of Object.keys(json)) {
    const field = shape.byJsonName.get(key) ?? shape.byJsonName.get(key.toLowerCase())
    const given = json[key]
    if (field === undefined || given === null) continue
    message[field.name] = inField(field, () => field.element.fromJson(given, depth + 1))
  }
  for (const field of shape.fields) present(field, message)
  checkChoices(shape, message)
  return message
}

function inField<T>(field: FieldShape, work: () => T): T {
  try {
    return work()
  } catch (fault) {
    throw located(fault, field.name)
  }
}
