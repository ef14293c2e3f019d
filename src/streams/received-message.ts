import type { Codec, RequestFrame } from './codec.js'
import type { TypeRef } from './endpoint.js'
import { emptyBody, type Message, type Metadata } from './message.js'

/** Up to this size a body is decoded where it came in: to cut it out of that memory would take as long. */
const smallBytes = 4 * 1024

/** Gives the same bytes where they may be kept. */
interface Keeper {
  of(bytes: Uint8Array): Uint8Array
}

/** A message that lies among others in the memory that it came in. Most are decoded there and then, and need no body. */
export class ReceivedMessage implements Message {
  private cut: Uint8Array | undefined
  private keeps = false

  constructor(
    readonly headers: Metadata,
    private memory: Uint8Array,
    private readonly start: number,
    private readonly end: number,
    private readonly keeper: Keeper,
  ) {}

  get body(): Uint8Array {
    return this.cut ?? this.cutOut()
  }

  /** A body that is asked for from now on lets go of the memory that it came in. */
  keepBody(): void {
    this.keeps = true
  }

  /** Lets go of the memory that it came in. */
  keep(): void {
    if (this.memory === emptyBody) return
    this.cut = this.keeper.of(this.cut ?? this.view())
    this.memory = emptyBody
  }

  /** The value of the body, which is given up. */
  decode(codec: Codec, type: TypeRef | undefined): unknown {
    const { memory, start, end } = this
    const value =
      codec.decodePart !== undefined && this.cut === undefined && end - start <= smallBytes
        ? codec.decodePart(memory, start, end, type)
        : codec.decode(this.body, type)
    this.cut = emptyBody
    this.memory = emptyBody
    return value
  }

  private cutOut(): Uint8Array {
    this.cut = this.view()
    if (this.keeps) this.keep()
    return this.cut
  }

  private view(): Uint8Array {
    return this.memory.subarray(this.start, this.end)
  }
}

/** The value of a frame's body, which is read once. */
export function decodeFrame(
  codec: Codec,
  frame: Pick<RequestFrame, 'body' | 'message'>,
  type?: TypeRef,
): unknown {
  const { message } = frame
  return message instanceof ReceivedMessage ? message.decode(codec, type) : codec.decode(frame.body, type)
}
