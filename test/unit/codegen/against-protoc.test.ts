import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest'
import type { FileDescriptor } from '../../../src/codegen/descriptor.js'
import { fileStore } from '../../../src/codegen/load/file-store.js'
import { loadFiles } from '../../../src/codegen/load/load-files.js'
import { protoFile, wellKnownTypes, type MessageType } from 'headrace/protobuf'
import { describeFile } from '../../../src/codegen/emit/describe-file.js'
import { messageArbitrary } from '../../support/message-arbitrary.js'
import { noProtoc, openProtoc, type Protoc } from '../../support/protoc.js'
import {
  Kept_allKept,
  Kept_asKept,
  extra,
  level,
  packed,
  price,
  remark,
  unpacked,
} from '../../fixtures/proto/extending.headrace.js'
import { Everything } from '../../fixtures/proto/everything.headrace.js'
import { Legacy } from '../../fixtures/proto/legacy.headrace.js'

const fixtures = 'test/fixtures/proto'
const googleapis = `${fixtures}/googleapis`

/** Linked files with all that they import. */
async function linked(root: string, name: string): Promise<readonly FileDescriptor[]> {
  return (await loadFiles([`${root}/${name}`], [root], fileStore())).files
}

/** The run time of a generated file that is not committed. */
function typeOf(files: readonly FileDescriptor[], name: string): MessageType<Record<string, unknown>> {
  const own = files.filter(
    each => !each.name.startsWith('google/protobuf/') && !each.name.startsWith('google/api/'),
  )
  const protos = own.map(each => protoFile(describeFile(each)))
  return protoFile({ imports: [wellKnownTypes, ...protos] }).message(name)
}

const describeReal = describe.skipIf(noProtoc !== undefined)
describeReal(`messages of generated files against protoc (${noProtoc ?? 'real'})`, () => {
  let protoc: Protoc
  beforeAll(() => (protoc = openProtoc()))
  afterAll(() => protoc.close())

  test.each<[string, string, string, string, MessageType<unknown> | undefined]>([
    ['proto3', fixtures, 'everything.proto', 'tests.everything.Everything', Everything],
    ['proto2 with extensions', fixtures, 'legacy.proto', 'tests.legacy.Legacy', Legacy],
    ['a public API', googleapis, 'google/pubsub/v1/pubsub.proto', 'google.pubsub.v1.Subscription', undefined],
    [
      'a public API',
      googleapis,
      'google/pubsub/v1/pubsub.proto',
      'google.pubsub.v1.StreamingPullResponse',
      undefined,
    ],
  ])('%s: any message of %s %s %s', async (_, root, file, name, committed) => {
    const files = await linked(root, file)
    const type = committed ?? typeOf(files, name)
    fc.assert(
      fc.property(messageArbitrary(files, name), value => {
        const ours = type.encodeBinary(value)
        const text = protoc.decode(root, file, name, ours)
        // Fields that protoc does not know are shown by their numbers.
        expect(text).not.toMatch(/^\s*\d+:/m)
        const theirs = protoc.encode(root, file, name, text)
        expect(type.decodeBinary(theirs)).toStrictEqual(type.decodeBinary(ours))
      }),
      { numRuns: 15 },
    )
  })

  it('proto3: fields have the shapes that the generated types say', () => {
    const bytes = protoc.encode(
      fixtures,
      'everything.proto',
      'tests.everything.Everything',
      `an_int64: 9223372036854775807 a_uint64: 18446744073709551615 a_string: "x" some_bytes: "\\001" color: COLOR_RED
       counts { key: "a" value: 1 } by_flag { key: true value: COLOR_NEGATIVE } maybe: 0 number: 7 yes: true
       at { seconds: 5 nanos: 6 } wrapped_long { value: 0 } value { list_value { values { null_value: NULL_VALUE } } } renamed: "r" with_number_1: "n"`,
    )
    expect(Everything.decodeBinary(bytes)).toStrictEqual(
      Everything.create({
        anInt64: 2n ** 63n - 1n,
        aUint64: 2n ** 64n - 1n,
        aString: 'x',
        someBytes: Uint8Array.of(1),
        color: 1,
        counts: { a: 1n },
        byFlag: { true: -5 },
        maybe: 0,
        number: 7n,
        yes: true,
        at: { seconds: 5n, nanos: 6 },
        wrappedLong: { value: 0n },
        value: { listValue: { values: [{ nullValue: 0 }] } },
        renamed: 'r',
        withNumber_1: 'n',
      }),
    )
  })

  it('proto2: groups, extensions and required fields', () => {
    const text = `id: "i" Part { number: 3 Piece { text: "p" } } Inner { ok: true }
       [tests.legacy.note]: "n" [tests.legacy.numbers]: [1, -1] [tests.legacy.extra]: HIGH [tests.legacy.Legacy.Nested.nested] { value: "v" }`
    const bytes = protoc.encode(fixtures, 'legacy.proto', 'tests.legacy.Legacy', text)
    const message = {
      id: 'i',
      part: { number: 3n, piece: [{ text: 'p' }] },
      inner: { ok: true },
      '.tests.legacy.note': 'n',
      '.tests.legacy.numbers': [1n, -1n],
      '.tests.legacy.extra': 16 as const,
      '.tests.legacy.Legacy.Nested.nested': { value: 'v' },
    }
    expect(Legacy.decodeBinary(bytes)).toEqual({ ...message, unpacked: [], packed: [], kids: {} })
    expect(Legacy.decodeBinary(Legacy.encodeBinary(message))).toEqual(Legacy.decodeBinary(bytes))
    expect(() => Legacy.encodeBinary({} as never)).toThrow(/Legacy: id: is required/)
  })

  it('proto2: extensions of another file stay with a message that does not know them', () => {
    const text = `id: "i" [tests.extending.remark]: "r" [tests.extending.unpacked]: [1, -2] [tests.extending.packed]: [3, -4]
       [tests.extending.price] { cents: 5 } [tests.extending.level]: HIGH [tests.extending.extra] { ok: true }
       [tests.extending.Kept.all_kept] { text: "a" } [tests.extending.Kept.all_kept] { [tests.extending.own]: 7 }`
    const bytes = protoc.encode(fixtures, 'extending.proto', 'tests.legacy.Legacy', text)
    const read = Legacy.decodeBinary(Legacy.encodeBinary(Legacy.decodeBinary(bytes)))
    const all = [remark, unpacked, packed, price, level, extra, Kept_asKept, Kept_allKept]
    expect(all.map(each => each.get(read))).toEqual([
      'r',
      [1, -2],
      [3, -4],
      { currency: '', cents: 5n },
      16,
      { ok: true },
      undefined,
      [{ text: 'a' }, { '.tests.extending.own': 7n }],
    ])
    const written = packed.with(remark.with(Kept_asKept.with({ id: 'i' }, { text: 'k' }), 'r'), [1, 2])
    const shown = protoc.decode(
      fixtures,
      'extending.proto',
      'tests.legacy.Legacy',
      Legacy.encodeBinary(written),
    )
    expect(shown.replace(/\s+/g, ' ').trim()).toBe(
      'id: "i" [tests.extending.remark]: "r" [tests.extending.packed]: 1 [tests.extending.packed]: 2 [tests.extending.Kept.as_kept] { text: "k" }',
    )
  })
})
