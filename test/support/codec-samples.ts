import type { Subjects } from '../conformance/law.js'
import type { CodecSubject } from '../conformance/codec.suite.js'
import type { EnvelopeSubject } from '../conformance/envelope.suite.js'
import type { Codec, Envelope, TypeRef } from 'headrace/streams'
import { parseProto } from '../../src/adapters/codec/proto-types.js'

/** Bytes of a text. */
export const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)

/** One message type with a field of each kind. */
export const everythingSource = `
  syntax = "proto3";
  package samples;
  enum Color { RED = 0; GREEN = 1; BLUE = 5; }
  message Everything {
    double a_double = 1; float a_float = 2;
    int32 an_int32 = 3; uint32 a_uint32 = 4; sint32 a_sint32 = 5; fixed32 a_fixed32 = 6; sfixed32 a_sfixed32 = 7;
    int64 an_int64 = 8; uint64 a_uint64 = 9; sint64 a_sint64 = 10; fixed64 a_fixed64 = 11; sfixed64 a_sfixed64 = 12;
    bool a_bool = 13; string a_string = 14; bytes some_bytes = 15; Color color = 16;
    Everything child = 17; repeated Everything children = 18;
    repeated int64 longs = 19; repeated string strings = 20; repeated Color colors = 21; repeated bytes blobs = 22;
    map<string, int64> counts = 23; map<int64, string> names = 24; map<bool, Everything> branches = 25;
    oneof choice { string text = 26; uint64 number = 27; Everything nested = 28; }
    optional int64 maybe = 29; optional string maybe_text = 30;
    repeated sint64 zigzags = 31; repeated fixed64 fixeds = 32; map<uint32, double> doubles = 33;
  }
  message Text { string text = 1; }
  message Flags { repeated bool flags = 1; map<string, int32> sizes = 2; Text text = 3; }
`

const everything = parseProto(everythingSource)

/** The type `Everything` of {@link everythingSource}. */
export const everythingType = everything.type('Everything')

/** A value of `Everything` with all its fields as they are when nothing was read. */
export const nothing: Readonly<Record<string, unknown>> = everythingType.decodeJson('{}')

const texts = ['Jörg 世界 🎉', '\u0000\u0001\r\n\t"\\/', '\u2028 <b>&</b>', 'e\u0301\u200d\ufeff']
const longest = [
  2n ** 63n - 1n,
  -(2n ** 63n),
  2n ** 53n + 1n,
  -(2n ** 53n) - 1n,
  0n,
  1n,
  -1n,
  2n ** 32n,
  2n ** 31n,
]

/** Bodies of `Everything` in which `child` is in `child`, in `child`, deeper than may be. */
export const deepJson: Uint8Array = utf8(`${'{"child":'.repeat(102)}{}${'}'.repeat(102)}`)
export const deepBinary: Uint8Array = Array.from({ length: 102 }).reduce<Uint8Array>(
  inner => Uint8Array.from([0x8a, 0x01, ...lengthPrefix(inner), ...inner]),
  new Uint8Array(0),
)

function lengthPrefix({ length }: Uint8Array): readonly number[] {
  return length < 0x80 ? [length] : [(length & 0x7f) | 0x80, length >> 7]
}

/** What the laws need of a codec that is used with types. */
export function typedSubjects(
  codec: () => Codec,
  damaged: readonly Uint8Array[],
  deep: Uint8Array,
): Subjects<CodecSubject> {
  const type: TypeRef = everythingType
  const of = (fields: object) => ({ type, value: { ...nothing, ...fields } })
  const bad = (fields: object) => ({ type, value: fields })
  return {
    features: { longs: true, schema: codec().name === 'protobuf', nesting: true },
    setup: () => ({
      codec: codec(),
      empty: of({}),
      texts: texts.map(text => of({ aString: text, strings: [text, ''], names: { 1: text }, text })),
      nested: [
        of({ child: { ...nothing, anInt32: -5 }, children: [nothing, { ...nothing, aBool: true }] }),
        of({ branches: { true: nothing, false: { ...nothing, nested: nothing } }, colors: [0, 1, 5, 77] }),
        of({ blobs: [new Uint8Array(0), new Uint8Array([0, 255])], someBytes: new Uint8Array([1, 2, 3]) }),
        of({
          aDouble: Math.PI,
          aFloat: 0.5,
          aUint32: 2 ** 32 - 1,
          aSint32: -(2 ** 31),
          aFixed32: 7,
          aSfixed32: -7,
        }),
        of({ aFloat: -0, aDouble: -0, maybe: 0n, maybeText: '', doubles: { 0: -0, 4294967295: 1e300 } }),
      ],
      longs: longest.flatMap(long => [
        of({ anInt64: long, aSint64: long, aSfixed64: long, longs: [long, 0n], zigzags: [long] }),
        of({ counts: { a: long, ['__proto__x']: 0n }, names: { [String(long)]: 'x' }, maybe: long }),
        of({
          aUint64: BigInt.asUintN(64, long),
          aFixed64: BigInt.asUintN(64, long),
          fixeds: [2n ** 64n - 1n],
        }),
        of({ number: BigInt.asUintN(64, long), children: [{ ...nothing, anInt64: long }] }),
      ]),
      large: of({
        aString: 'ä'.repeat(2 ** 19),
        longs: Array.from({ length: 1000 }, (_, at) => BigInt(at) ** 5n),
      }),
      unwritable: [
        ...[2n ** 63n, -(2n ** 63n) - 1n, 2 ** 53, 1.5, '5'].map(anInt64 => bad({ anInt64 })),
        ...[-1n, 2n ** 64n, -1].map(aUint64 => bad({ aUint64 })),
        ...[2 ** 31, 0.5, 5n, '5', true, NaN].map(anInt32 => bad({ anInt32 })),
        ...[5, true, {}, ['x']].map(aString => bad({ aString })),
        ...['x', [1], new ArrayBuffer(3)].map(someBytes => bad({ someBytes })),
        ...['PINK', 1.5, '__proto__'].map(color => bad({ color })),
        ...['abc', { length: 1 }, new Set([1n])].map(longs => bad({ longs })),
        ...[[1], 'x', { a: 'x' }, new Map([['a', 1n]])].map(counts => bad({ counts })),
        ...[{ x: 'a' }, { '1.5': 'a' }, { '': 'a' }].map(names => bad({ names })),
        bad({ text: 'a', number: 1n }),
        bad({ aFloat: 1e300 }),
        bad({ child: 'x' }),
        bad({ children: [null] }),
        ...['x', 5, null, [nothing]].map(value => ({ type, value })),
      ],
      misfit: {
        type,
        value: { children: [{}, { child: { anInt32: 'x' } }] },
        field: 'children[1].child.anInt32',
      },
      damaged: damaged.map(body => ({ body, type })),
      tooDeep: { body: deep, type },
    }),
    teardown: async () => undefined,
  }
}

/** What the laws need of JSON without types. `codec` reads bigints. */
export function untypedSubjects(codec: () => Codec): Subjects<CodecSubject> {
  const circle: unknown[] = []
  circle.push(circle)
  return {
    features: { longs: true, schema: false, nesting: true },
    setup: () => ({
      codec: codec(),
      empty: { value: {} },
      texts: texts.flatMap(text => [{ value: text }, { value: { [text]: [text] } }]),
      nested: [
        ...[null, true, 0, -0, 0.1, 1e21, 5e-324, Number.MAX_SAFE_INTEGER, '', [], [[], {}]].map(value => ({
          value,
        })),
        { value: { list: [1, { a: null }, 'x'], map: { b: { c: [{ d: false }] } } } },
      ],
      longs: longest
        .filter(long => !Number.isSafeInteger(Number(long)))
        .map(long => ({ value: { a: [long], b: { '': long }, small: 5 } })),
      large: { value: { text: 'ä'.repeat(2 ** 19), list: Array.from({ length: 1000 }, (_, at) => at) } },
      unwritable: [
        ...[NaN, Infinity, new Map([[1, 2]]), new Set([1]), new Float64Array(1), new ArrayBuffer(1)].map(
          value => ({ value: { value } }),
        ),
        { value: Promise.resolve(1) },
        { value: circle },
        {
          value: {
            get broken(): never {
              throw new Error('no')
            },
          },
        },
      ],
      misfit: { value: { children: [{}, { child: { size: NaN } }] }, field: 'children[1].child.size' },
      damaged: ['{', '}', '[1,]', '{"a":}', 'nul', '"a', "{'a':1}", '01', ' ', '[1]x', '\ufeff1'].map(
        text => ({ body: utf8(text) }),
      ),
      tooDeep: { body: utf8('['.repeat(200_000) + ']'.repeat(200_000)) },
    }),
    teardown: async () => undefined,
  }
}

/** What the laws need of an envelope. */
export function envelopeSubjects(
  envelope: () => Envelope,
  features: Readonly<Record<string, boolean>>,
  bodies: readonly Uint8Array[],
  damaged: { readonly requests: readonly Uint8Array[]; readonly responses: readonly Uint8Array[] },
): Subjects<EnvelopeSubject> {
  return {
    features,
    setup: () => ({
      envelope: envelope(),
      bodies,
      damagedRequests: damaged.requests,
      damagedResponses: damaged.responses,
    }),
    teardown: async () => undefined,
  }
}
