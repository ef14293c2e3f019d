import { deepStrictEqual, ok } from 'node:assert'
import { copyOf, damagedForms, hex, refused, survives } from './codec/expectations.js'
import type { CodecSample, CodecSubject } from './codec/subject.js'
import { proveLaws, type Law, type Subjects, type TestRunner } from './law.js'

export type { CodecSample, CodecSubject }

/** The promises of a codec. */
export const codecLaws: readonly Law<CodecSubject>[] = [
  {
    name: 'an empty message comes back as it was',
    prove: async subject => comeBack(subject, [subject.empty]),
  },
  {
    name: 'text beyond ASCII comes back as it was',
    prove: async subject => comeBack(subject, subject.texts),
  },
  {
    name: 'lists, maps and messages in messages come back as they were',
    prove: async subject => comeBack(subject, subject.nested),
  },
  {
    name: '64-bit integers come back with every digit',
    needs: 'longs',
    prove: async subject => comeBack(subject, subject.longs),
  },
  {
    name: 'a message of a megabyte comes back as it was',
    async prove(subject) {
      comeBack(subject, [subject.large])
      ok(subject.codec.encode(subject.large.value, subject.large.type).length >= 2 ** 20, 'it is too small')
    },
  },
  {
    name: 'a body of no bytes is the empty message',
    prove: async ({ codec, empty }) =>
      deepStrictEqual(codec.decode(new Uint8Array(0), empty.type), empty.value),
  },
  {
    name: 'a body in the middle of other bytes is read like one that stands alone',
    async prove({ codec, nested }) {
      for (const { value, type } of nested) {
        const body = codec.encode(value, type)
        const around = new Uint8Array(body.length + 20).fill(0x22)
        around.set(body, 7)
        deepStrictEqual(codec.decode(around.subarray(7, 7 + body.length), type), codec.decode(body, type))
      }
    },
  },
  {
    name: 'reading a body does not change its bytes',
    async prove({ codec, nested }) {
      for (const { value, type } of nested) {
        const body = codec.encode(value, type)
        const before = copyOf(body)
        codec.decode(body, type)
        deepStrictEqual(copyOf(body), before)
      }
    },
  },
  {
    name: 'writing a value does not change it',
    async prove({ codec, nested, longs }) {
      for (const { value, type } of [...nested, ...longs]) {
        const before = structuredClone(value)
        codec.encode(value, type)
        deepStrictEqual(value, before)
      }
    },
  },
  {
    name: 'what cannot be written without a loss is bad_request',
    async prove({ codec, unwritable }) {
      for (const { value, type } of unwritable) refused('a lossy value', () => codec.encode(value, type))
    },
  },
  {
    name: 'the error for a value that does not fit names its field',
    async prove({ codec, misfit: { value, type, field } }) {
      const text = refused('the misfit', () => codec.encode(value, type))
      ok(text.includes(field), `'${text}' does not name ${field}`)
    },
  },
  {
    name: 'damaged bodies are bad_request',
    async prove({ codec, damaged }) {
      for (const { body, type } of damaged) refused(hex(body), () => codec.decode(body, type))
    },
  },
  {
    name: 'whatever is cut from a body or changed in it: a value or bad_request, never another exception',
    async prove({ codec, nested, longs, texts }) {
      for (const { value, type } of [...nested, ...longs.slice(0, 4), ...texts])
        for (const body of damagedForms(codec.encode(value, type)))
          survives(hex(body), () => codec.decode(body, type))
    },
  },
  {
    name: 'a body that nests too deep is bad_request',
    needs: 'nesting',
    async prove({ codec, tooDeep: { body, type } }) {
      refused('the deep body', () => codec.decode(body, type))
    },
  },
  {
    name: 'a value that contains itself is bad_request',
    needs: 'nesting',
    async prove({ codec, empty: { value, type } }) {
      const circle: Record<string, unknown> = { ...(value as object) }
      for (const key of ['self', 'child', 'children']) circle[key] = key === 'children' ? [circle] : circle
      refused('the circle', () => codec.encode(circle, type))
    },
  },
  {
    name: 'without a type it is bad_request, and the error says how to get one',
    needs: 'schema',
    async prove({ codec, empty: { value } }) {
      ok(refused('writing', () => codec.encode(value)).includes('.proto'))
      ok(refused('reading', () => codec.decode(new Uint8Array(0))).includes('.proto'))
    },
  },
]

/** Declares a test for each law of a codec. */
export function proveCodec(runner: TestRunner, title: string, subjects: Subjects<CodecSubject>): void {
  proveLaws(runner, title, codecLaws, subjects)
}

function comeBack({ codec }: CodecSubject, samples: readonly CodecSample[]): void {
  ok(samples.length > 0, 'the subject has no sample for this law')
  for (const { value, type } of samples) deepStrictEqual(codec.decode(codec.encode(value, type), type), value)
}
