import type { Codec, TypeRef } from 'headrace/streams'

/** A value that a codec can carry. */
export interface CodecSample {
  readonly value: unknown
  /** Given to the codec along with the value, if there is one. */
  readonly type?: TypeRef
}

/**
 * A codec under test, with what its laws need. Features: `longs` (integers of 64 bits keep every digit), `schema` (it needs a
 * type), `nesting` (its bodies can nest without end).
 */
export interface CodecSubject {
  readonly codec: Codec
  /** A message without anything in it, and what a body of no bytes is read as. */
  readonly empty: CodecSample
  /** Messages with text beyond ASCII: accents, emoji, a NUL, line ends, quotes. */
  readonly texts: readonly CodecSample[]
  /** Messages that hold lists, maps and messages. */
  readonly nested: readonly CodecSample[]
  /** Messages with the smallest and the largest 64-bit integers and ones beyond 2^53, as bigints. */
  readonly longs: readonly CodecSample[]
  /** A message of at least 1 MiB. */
  readonly large: CodecSample
  /** What the codec must refuse to write: each would lose something. */
  readonly unwritable: readonly CodecSample[]
  /** What it must refuse to write, and the name of the field that the error must contain. */
  readonly misfit: CodecSample & { readonly field: string }
  /** Bytes that are no body of the sample's type, whatever they are. */
  readonly damaged: readonly { readonly body: Uint8Array; readonly type?: TypeRef }[]
  /** A body that nests deeper than the codec allows. */
  readonly tooDeep: { readonly body: Uint8Array; readonly type?: TypeRef }
}
