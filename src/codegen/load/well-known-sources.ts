/** The definitions of protobuf's well-known types, in words of our own. */
const sources: Readonly<Record<string, string>> = {
  any: `
    // A message of any type, as bytes.
    message Any {
      // Which type it is, for example type.googleapis.com/greeter.Event: what counts is behind the last slash.
      string type_url = 1;
      // The message as protobuf.
      bytes value = 2;
    }`,
  duration: `
    // A span of time. Both parts have the same sign.
    message Duration {
      int64 seconds = 1;
      // From -999,999,999 to 999,999,999.
      int32 nanos = 2;
    }`,
  empty: `
    // Nothing to say.
    message Empty {}`,
  field_mask: `
    // Some fields of a message.
    message FieldMask {
      // For example user.display_name.
      repeated string paths = 1;
    }`,
  struct: `
    // An object as JSON has them.
    message Struct {
      map<string, Value> fields = 1;
    }
    // A value as JSON has them.
    message Value {
      oneof kind {
        NullValue null_value = 1;
        double number_value = 2;
        string string_value = 3;
        bool bool_value = 4;
        Struct struct_value = 5;
        ListValue list_value = 6;
      }
    }
    // The null of JSON.
    enum NullValue {
      NULL_VALUE = 0;
    }
    // A list as JSON has them.
    message ListValue {
      repeated Value values = 1;
    }`,
  timestamp: `
    // A point in time.
    message Timestamp {
      // Since 1970-01-01T00:00:00Z.
      int64 seconds = 1;
      // From 0 to 999,999,999, also before 1970.
      int32 nanos = 2;
    }`,
  wrappers: (
    [
      ['Double', 'double'],
      ['Float', 'float'],
      ['Int64', 'int64'],
      ['UInt64', 'uint64'],
      ['Int32', 'int32'],
      ['UInt32', 'uint32'],
      ['Bool', 'bool'],
      ['String', 'string'],
      ['Bytes', 'bytes'],
    ] as const
  )
    .map(
      ([name, type]) => `
    // A value of type ${type} that may be absent.
    message ${name}Value {
      ${type} value = 1;
    }`,
    )
    .join(''),
}

const sourceByFile: ReadonlyMap<string, string> = new Map(
  Object.entries(sources).map(([name, source]) => [
    `google/protobuf/${name}.proto`,
    `syntax = "proto3";\npackage google.protobuf;\n${source}\n`,
  ]),
)

/** The names of the files whose types `headrace/protobuf` has. */
export const wellKnownFiles: ReadonlySet<string> = new Set(sourceByFile.keys())

/** The source of a well-known file such as `google/protobuf/timestamp.proto`; `undefined` for any other. */
export function wellKnownSource(name: string): string | undefined {
  return sourceByFile.get(name)
}
