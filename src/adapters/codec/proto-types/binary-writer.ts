import { Writer, type Type } from 'protobufjs'

/** So many bytes are reserved at once: the platform takes longer to reserve a few than to fill them. */
const slabBytes = 16 * 1024

/** So much must be free before a message is begun; one that needs more gets memory of its own. */
const roomBytes = 1024

/**
 * The writer of protobufjs over memory that messages share: a writer for each would reserve memory two or three times and copy the message once. What
 * {@link BinaryWriter.write} returns is never written to again; small messages lie beside each other in one piece of memory, which lives as long
 * as one of them.
 */
export class BinaryWriter {
  /** Where there are Node's buffers, one that writes texts with them. */
  private readonly writer = Writer.create()
  private slab: Uint8Array = new Uint8Array(0)
  private free = 0
  private busy = false

  /** The bytes of a message that {@link Element.toMessage} has accepted. */
  write(type: Type, message: Record<string, unknown>): Uint8Array {
    // A getter of the message may ask for another message.
    if (this.busy) return type.encode(message).finish()
    this.busy = true
    try {
      return this.writeInto(type, message)
    } finally {
      this.busy = false
    }
  }

  private writeInto(type: Type, message: Record<string, unknown>): Uint8Array {
    const { writer } = this
    if (this.slab.length - this.free < roomBytes) {
      this.slab = this.alloc(slabBytes)
      this.free = 0
    }
    const { slab, free } = this
    writer.buf = slab
    writer.view = null
    writer.pos = free
    writer.states = null
    type.encode(message, writer)
    const { buf } = writer
    // Not `subarray`: that of Node's buffers costs twice as much.
    const bytes = new Uint8Array(buf.buffer, buf.byteOffset + free, writer.pos - free)
    // One that did not fit has moved the writer to larger memory, which it keeps.
    if (buf === slab) this.free = writer.pos
    return bytes
  }

  private alloc(size: number): Uint8Array {
    return (this.writer.constructor as typeof Writer).alloc(size)
  }
}
