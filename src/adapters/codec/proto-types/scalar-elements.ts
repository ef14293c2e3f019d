import type { Element } from './element.js'
import { integer32, integer64 } from './integer-values.js'
import { bool, bytes, double, float, string } from './scalar-values.js'

const uint32 = integer32('uint32', 0, 2 ** 32 - 1)
const int32 = integer32('int32', -(2 ** 31), 2 ** 31 - 1)
const uint64 = integer64('uint64', 0n, 2n ** 64n - 1n)
const int64 = integer64('int64', -(2n ** 63n), 2n ** 63n - 1n)

/** The scalar types of protobuf by their names in a `.proto` file. */
export const scalarElements: Readonly<Record<string, Element>> = {
  double: {
    ...double,
    wireType: 1,
    write: (value, writer) => void writer.double(double.check(value)),
    read: reader => reader.double(),
  },
  float: {
    ...float,
    wireType: 5,
    write: (value, writer) => void writer.float(float.check(value)),
    read: reader => reader.float(),
  },
  int32: {
    ...int32,
    wireType: 0,
    write: (value, writer) => void writer.int32(int32.check(value)),
    read: reader => reader.int32(),
  },
  sint32: {
    ...int32,
    wireType: 0,
    write: (value, writer) => void writer.sint32(int32.check(value)),
    read: reader => reader.sint32(),
  },
  sfixed32: {
    ...int32,
    wireType: 5,
    write: (value, writer) => void writer.sfixed32(int32.check(value)),
    read: reader => reader.sfixed32(),
  },
  uint32: {
    ...uint32,
    wireType: 0,
    write: (value, writer) => void writer.uint32(uint32.check(value)),
    read: reader => reader.uint32(),
  },
  fixed32: {
    ...uint32,
    wireType: 5,
    write: (value, writer) => void writer.fixed32(uint32.check(value)),
    read: reader => reader.fixed32(),
  },
  int64: {
    ...int64,
    wireType: 0,
    write: (value, writer) => void writer.int64(int64.check(value)),
    read: reader => reader.int64(),
  },
  sint64: {
    ...int64,
    wireType: 0,
    write: (value, writer) => void writer.sint64(int64.check(value)),
    read: reader => reader.sint64(),
  },
  sfixed64: {
    ...int64,
    wireType: 1,
    write: (value, writer) => void writer.sfixed64(int64.check(value)),
    read: reader => reader.sfixed64(),
  },
  uint64: {
    ...uint64,
    wireType: 0,
    write: (value, writer) => void writer.uint64(uint64.check(value)),
    read: reader => reader.uint64(),
  },
  fixed64: {
    ...uint64,
    wireType: 1,
    write: (value, writer) => void writer.fixed64(uint64.check(value)),
    read: reader => reader.fixed64(),
  },
  bool: {
    ...bool,
    wireType: 0,
    write: (value, writer) => void writer.bool(bool.check(value)),
    read: reader => reader.bool(),
  },
  string: {
    ...string,
    wireType: 2,
    write: (value, writer) => void writer.string(string.check(value)),
    read: reader => reader.stringVerify(),
  },
  bytes: {
    ...bytes,
    wireType: 2,
    write: (value, writer) => void writer.bytes(bytes.check(value)),
    read: reader => reader.bytes(),
  },
}

/** Text of proto2, in which bytes that are no UTF-8 are mended when they are read. */
export const lenientString: Element = {
  ...string,
  wireType: 2,
  write: (value, writer) => void writer.string(string.check(value)),
  read: reader => reader.string(),
}
