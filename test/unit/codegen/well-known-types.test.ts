import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import {
  Duration,
  dateFromTimestamp,
  durationFromMs,
  msFromDuration,
  objectFromStruct,
  packAny,
  structFromObject,
  timestampFromDate,
  unpackAny,
} from 'headrace/protobuf'
import { generateSources } from '../../../src/codegen/emit/generate-sources.js'
import { loadFiles } from '../../../src/codegen/load/load-files.js'
import { wellKnownFiles, wellKnownSource } from '../../../src/codegen/load/well-known-sources.js'

it('the types of headrace/protobuf are what the generator makes of their sources', async () => {
  const head = 'syntax = "proto3";\npackage google.protobuf;\n'
  const bodies = [...wellKnownFiles].map(name => wellKnownSource(name)?.replace(head, '') ?? '')
  const store = { read: async () => head + bodies.join(''), builtIn: async () => undefined }
  const { files, wanted } = await loadFiles(['all.proto'], [], store)
  const generated = generateSources(files, wanted, name => name).get('all.proto') ?? ''
  const committed = readFileSync('src/adapters/codec/proto-types/well-known-types.ts', 'utf8')
  const body = (text: string) => text.slice(text.indexOf('/** The null of JSON. */'))
  expect(body(committed).replaceAll('wellKnownTypes', 'proto')).toBe(body(generated))
})

it('points and spans of time, objects and any message are converted and come back', () => {
  for (const ms of [0, 1, -1, 1_500, -1_500, 1_487_980_800_123]) {
    expect(dateFromTimestamp(timestampFromDate(new Date(ms))).getTime()).toBe(ms)
    expect(msFromDuration(durationFromMs(ms))).toBe(ms)
  }
  expect(timestampFromDate(new Date(-1))).toEqual({ seconds: -1n, nanos: 999_000_000 })
  expect(durationFromMs(-1_500)).toEqual({ seconds: -1n, nanos: -500_000_000 })
  expect(() => timestampFromDate(new Date(NaN))).toThrow('the date is invalid')
  expect(() => durationFromMs(Infinity)).toThrow('Infinity is no finite number')
  const object = { a: [1, 'x', null, true, { b: {} }], c: [] }
  expect(objectFromStruct(structFromObject(object))).toEqual(object)
  const any = packAny(Duration, { seconds: 5n })
  expect(any.typeUrl).toBe('type.googleapis.com/google.protobuf.Duration')
  expect(unpackAny(any, Duration)).toEqual({ seconds: 5n, nanos: 0 })
  expect(unpackAny({ ...any, typeUrl: 'x/other' }, Duration)).toBeUndefined()
})
