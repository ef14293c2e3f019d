import { describe, expect, it, test } from 'vitest'
import { loadFiles } from '../../../src/codegen/load/load-files.js'
import { wellKnownSource } from '../../../src/codegen/load/well-known-sources.js'

/** Loads `a.proto` from sources in memory. */
async function load(sources: Readonly<Record<string, string>>, includes: readonly string[] = []) {
  return loadFiles(['a.proto'], includes, {
    read: async path => sources[path],
    builtIn: async name => wellKnownSource(name),
  })
}

const proto3 = (body: string) => `syntax = "proto3";\n${body}`
const proto2 = (body: string) => `syntax = "proto2";\n${body}`

test.each<[string, string, string]>([
  ['an unknown word', proto3('mesage A {}'), '2:1: expected "message", "enum", "service", "import"'],
  [
    'a missing semicolon',
    proto3('message A {\n  string b = 1\n  int32 c = 2;\n}'),
    '4:3: expected ";", found "int32"',
  ],
  [
    'a missing bracket',
    proto3('message A {\n'),
    '3:1: expected the type of a field, found the end of the file',
  ],
  ['a character', proto3('message A { string b = 1; # }'), '2:27: "#" is no part of a .proto file'],
  ['a string without an end', proto3('import "x;'), '2:8: a string that does not end on its line'],
  ['a comment without an end', proto3('message A {} /* …'), '2:14: a comment that does not end'],
  ['a number that is none', proto3('message A { string b = 1x; }'), '2:24: 1x is no number'],
  [
    'a field number of 0',
    proto3('message A { string b = 0; }'),
    '2:24: the number of a field is 0: it must be from 1',
  ],
  [
    'a field number that is too large',
    proto3('message A { string b = 536870912; }'),
    '2:24: the number of a field is',
  ],
  [
    'a number used twice',
    proto3('message A { string b = 1; string c = 1; }'),
    '2:38: c has the number 1 of b',
  ],
  ['a name used twice', proto3('message A { string b = 1; string b = 2; }'), '2:34: A.b is declared twice'],
  ['a type declared twice', proto3('message A {}\nenum A { B = 0; }'), '3:6: A is declared twice'],
  [
    'a reserved number',
    proto3('message A { reserved 1 to 3; string b = 2; }'),
    '2:41: b: the number 2 is reserved',
  ],
  ['a reserved name', proto3('message A { reserved "b"; string b = 2; }'), '2:34: the name b is reserved'],
  ['an unknown type', proto3('message A {\n  Missing b = 1;\n}'), '3:3: there is no type Missing'],
  ['a type that is none', proto3('message A { A.b b = 1; }'), '2:13: A.b is no type'],
  [
    'required in proto3',
    proto3('message A { required string b = 1; }'),
    '2:13: proto3 has no required fields',
  ],
  ['no label in proto2', proto2('message A { string b = 1; }'), '2:13: expected a field with "optional"'],
  ['a group in proto3', proto3('message A { repeated group B = 1 {} }'), '2:22: proto3 has no groups'],
  [
    'a label in a oneof',
    proto3('message A { oneof o { optional int32 b = 1; } }'),
    '2:23: a field of a oneof',
  ],
  ['a oneof without fields', proto3('message A { oneof o {} }'), '2:19: oneof o has no fields'],
  [
    'keys that are no keys',
    proto3('message A { map<float, string> b = 1; }'),
    '2:17: float is no type for the keys',
  ],
  ['an enum without values', proto3('enum A {}'), '2:6: enum A has no values'],
  [
    'an enum that begins elsewhere',
    proto3('enum A { B = 1; }'),
    '2:10: B: the first value of an enum of proto3 is 0',
  ],
  ['an alias', proto3('enum A { B = 0; C = 0; }'), '2:17: C has the number 0 of B; option allow_alias'],
  [
    'a call with no message',
    proto3('enum E { B = 0; }\nservice S { rpc C(E) returns (E); }'),
    '3:19: E is no message',
  ],
  [
    'an extension out of range',
    proto2('message A { extensions 5; }\nextend A { optional int32 b = 6; }'),
    '3:31: b: A has no',
  ],
  [
    'a required extension',
    proto2('message A { extensions 5; }\nextend A { required int32 b = 5; }'),
    '3:27: b: an extension cannot be required',
  ],
  [
    'an edition',
    '// A comment.\n  edition = "2023";\nmessage A {}',
    'a.proto:2:3: editions are not supported, proto2 and proto3 are: write syntax = "proto3";',
  ],
  ['an unknown syntax', 'syntax = "proto4";', '1:10: syntax "proto4" is not known'],
  [
    'a missing import',
    proto3('import "b.proto";'),
    '2:8: b.proto was not found, here or beside this file; -I names other folders',
  ],
  ['an escape that there is not', proto3('import "\\q";'), '2:8: "\\q" has an escape that there is not'],
  ['nesting without end', proto3('message A { '.repeat(200)), 'nested deeper than 100 levels'],
])('%s', async (_, source, detail) => {
  await expect(load({ 'a.proto': source })).rejects.toMatchObject({
    name: 'ServiceError',
    kind: 'bad_request',
    detail: expect.stringMatching(/^a\.proto:\d+:\d+: /) as string,
  })
  await expect(load({ 'a.proto': source })).rejects.toThrow(detail)
})

describe('files', () => {
  it('that are missing are not_found', async () => {
    await expect(load({})).rejects.toMatchObject({
      kind: 'not_found',
      detail: 'a.proto: there is no such file',
    })
  })

  it('are found in include directories, and beside the one that imports them', async () => {
    const loaded = await load(
      {
        'a.proto': proto3('import "b.proto"; import "google/protobuf/empty.proto"; message A { B b = 1; }'),
        'x/b.proto': proto3('import "c.proto"; message B { C c = 1; }'),
        'y/c.proto': proto3('message C {}'),
      },
      ['x', 'y'],
    )
    expect([...loaded.paths]).toEqual([
      ['a.proto', 'a.proto'],
      ['b.proto', 'x/b.proto'],
      ['c.proto', 'y/c.proto'],
    ])
  })

  it('that import each other are refused with the way around', async () => {
    const sources = { 'a.proto': proto3('import "b.proto";'), 'b.proto': proto3('\nimport "a.proto";') }
    await expect(load(sources)).rejects.toThrow(
      'b.proto:3:8: a.proto imports itself: a.proto > b.proto > a.proto',
    )
  })

  it('name the file that a type is in when it is not imported', async () => {
    const sources = {
      'a.proto': proto3('import "b.proto";\nmessage A {\n  C c = 1;\n}'),
      'b.proto': proto3('import "c.proto"; message B { C c = 1; }'),
      'c.proto': proto3('message C {}'),
    }
    await expect(load(sources)).rejects.toThrow('a.proto:4:3: C is in c.proto, which is not imported')
  })
})
