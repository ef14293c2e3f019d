import { MessageReader } from './message-reader.js'
import type { MessageShape } from './message-shape.js'
import { MessageWriter } from './message-writer.js'
import { readMessage } from './read-message.js'
import { writeMessage } from './write-message.js'

/** Messages as protobuf, with one writer and one reader for all of them. */
export class BinaryForm {
  private readonly writer = new MessageWriter()
  private readonly reader = new MessageReader()
  private writing = false

  /** The bytes of a value. Throws a `FieldFault` for one that is no message of that type. */
  encode(shape: MessageShape, value: unknown): Uint8Array {
    // A getter of the message may ask for another message.
    if (this.writing) return new BinaryForm().encode(shape, value)
    const { writer } = this
    this.writing = true
    try {
      writer.start()
      writeMessage(shape, value, writer, 0)
      return writer.end()
    } finally {
      this.writing = false
    }
  }

  /** The message that the bytes hold. Throws for bytes that hold none. */
  decode(shape: MessageShape, bytes: Uint8Array): Record<string, unknown> {
    const { reader } = this
    reader.start(bytes)
    try {
      return readMessage(shape, reader, 0)
    } finally {
      reader.end()
    }
  }
}
