import { expect, it } from 'vitest'
import { ServiceError, type Codec } from 'headrace/streams'
import { json } from '../../src/adapters/codec/json.js'
import { protobuf } from '../../src/adapters/codec/protobuf.js'
import { deepBinary, deepJson, nothing, typedSubjects, utf8 } from '../support/codec-samples.js'
import { codecLaws } from './codec.suite.js'
import { brokenLaws } from './law.js'

type Fault = (sound: Codec) => Partial<Codec>
type Fields = Readonly<Record<string, unknown>>

/** Changes what is read. */
const read = (change: (value: Fields, body: Uint8Array) => unknown): Fault => {
  return sound => ({ decode: (body, type) => change(sound.decode(body, type) as Fields, body) })
}

/** Answers the refusal of a body, or of a value, in another way. */
const onRefusedBody = (answer: (body: Uint8Array, error: unknown) => unknown): Fault => {
  return sound => ({
    decode: (body, type) =>
      orElse(
        () => sound.decode(body, type),
        error => answer(body, error),
      ),
  })
}
const onRefusedValue = (answer: (value: unknown, error: unknown) => Uint8Array): Fault => {
  return sound => ({
    encode: (value, type) =>
      orElse(
        () => sound.encode(value, type),
        error => answer(value, error),
      ),
  })
}

/** For each law a codec that breaks it, and no other. */
const faults: Readonly<Record<string, Fault>> = {
  'an empty message comes back as it was': read((value, body) =>
    body.length === 2 ? { ...value, more: 1 } : value,
  ),
  'text beyond ASCII comes back as it was': read(value => {
    const text = String(value['aString'])
    return text.includes('世') ? { ...value, aString: text.replace('世', '?') } : value
  }),
  'lists, maps and messages in messages come back as they were': read(value => ({
    ...value,
    colors: [...(value['colors'] as number[])].reverse(),
  })),
  '64-bit integers come back with every digit': read(value => ({
    ...value,
    anInt64: BigInt(Number(value['anInt64'])),
  })),
  'a message of a megabyte comes back as it was': read(value => ({
    ...value,
    aString: String(value['aString']).slice(0, 2 ** 16),
  })),
  'a body of no bytes is the empty message': read((value, body) => (body.length === 0 ? {} : value)),
  'a body in the middle of other bytes is read like one that stands alone': read((value, body) =>
    body.byteOffset === 7 ? nothing : value,
  ),
  'reading a body does not change its bytes': read((value, body) => {
    body.fill(0)
    return value
  }),
  'writing a value does not change it': sound => {
    const touched = new Set<Record<string, unknown>>()
    return {
      encode(value, type) {
        const body = sound.encode(value, type)
        const record = value as Record<string, unknown>
        record['touched'] = true
        touched.add(record)
        return body
      },
      decode(body, type) {
        for (const record of touched) delete record['touched']
        return sound.decode(body, type)
      },
    }
  },
  'what cannot be written without a loss is bad_request': onRefusedValue((value, error) => {
    if ((value as Fields | null)?.['anInt64'] === 2 ** 53) return utf8('{}')
    throw error
  }),
  'the error for a value that does not fit names its field': onRefusedValue(() => {
    throw new ServiceError('bad_request', 'the value does not fit')
  }),
  'damaged bodies are bad_request': onRefusedBody((body, error) => {
    if (body.length === 1) return nothing
    throw error
  }),
  'whatever is cut from a body or changed in it: a value or bad_request, never another exception':
    onRefusedBody((body, error) => {
      throw body.length > 20 && body.length < 600 ? new TypeError('no') : error
    }),
  'a body that nests too deep is bad_request': onRefusedBody((body, error) => {
    if (body.length > 900) return nothing
    throw error
  }),
  'a value that contains itself is bad_request': onRefusedValue((value, error) => {
    if ((value as Fields | null)?.['self'] !== undefined) return utf8('{}')
    throw error
  }),
}

it.each(Object.entries(faults))('%s: a codec that breaks it breaks nothing else', async (name, fault) => {
  const subjects = subjectsOf(json(), fault)
  expect([...(await brokenLaws(codecLaws, subjects)).keys()]).toEqual([name])
})

it('a codec whose error says nothing about types breaks the law about them alone', async () => {
  const name = 'without a type it is bad_request, and the error says how to get one'
  const sound = protobuf()
  const fault: Fault = () => ({
    encode(value, type) {
      if (type === undefined) throw new ServiceError('bad_request', 'no type')
      return sound.encode(value, type)
    },
  })
  expect([...(await brokenLaws(codecLaws, subjectsOf(sound, fault))).keys()]).toEqual([name])
  expect([...Object.keys(faults), name].sort()).toEqual(codecLaws.map(law => law.name).sort())
})

function subjectsOf(sound: Codec, fault: Fault) {
  const codec = () => ({ ...sound, ...fault(sound) })
  return sound.name === 'json'
    ? typedSubjects(codec, [utf8('[')], deepJson)
    : typedSubjects(codec, [Uint8Array.of(0x40)], deepBinary)
}

function orElse<T>(work: () => T, answer: (error: unknown) => T): T {
  try {
    return work()
  } catch (error) {
    return answer(error)
  }
}
