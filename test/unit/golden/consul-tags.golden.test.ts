import { describe, expect, it, test } from 'vitest'
import { zlibCompression } from '../../../src/adapters/zlib-compression.js'
import { readServiceTags, writeServiceTags } from '../../../src/wire/consul/service-tags.js'
import { fromHex } from '../../../src/wire/hex.js'
import { endpointsFromJson, metadataFromJson } from '../../../src/wire/service-json.js'
import { vector } from '../../support/vectors.js'

const file = '2017-consul-tags'
const compression = zlibCompression('consul', 65_536)
const reader = { compression, onFault: () => undefined }
const nothing = { version: '1', endpoints: [], metadata: {} }

const endpointTags = [
  'e- Greeter.Fail',
  'e- Greeter.Hello',
  'e- Greeter.Meta',
  'e- Greeter.Plain',
  'e- Greeter.ServerStream',
  'e- Greeter.Stream',
  'e- Greeter.StreamFail',
  'e- Greeter.Void',
]
const metadataTags = ['t- transport', 't- broker', 't- server', 't- registry', 't- foo']
const versionTags = ['v- 1.0.0', 'v- ', 'v- latest', 'v- ff.http.broadcast']

// Another deflate gives other bytes for the same text: tags are compared after inflating.
function textOf(tag: string): string {
  return `${tag.slice(0, 2)}${Buffer.from(compression.inflate(fromHex(tag.slice(2)) ?? Buffer.alloc(0))).toString()}`
}

const written = (tags: Partial<typeof nothing>) =>
  writeServiceTags({ ...nothing, ...tags }, compression).map(textOf)

describe("the tags of go-micro 2017's nodes", () => {
  test.each(endpointTags)('%s', name => {
    const { input, text = '' } = vector(file, name)
    const endpoints = endpointsFromJson([JSON.parse(input as string)])
    expect(written({ endpoints } as Partial<typeof nothing>)).toContain(textOf(text))
    expect(readServiceTags([text, 'v=1'], reader)).toEqual({ ...nothing, endpoints })
  })

  test.each(metadataTags)('%s', name => {
    const { input, text = '' } = vector(file, name)
    const metadata = metadataFromJson(input)
    expect(written({ metadata })).toContain(textOf(text))
    expect(readServiceTags([text, 'v=1'], reader)).toEqual({ ...nothing, metadata })
  })

  test.each(versionTags)('%s', name => {
    const { input, text = '' } = vector(file, name)
    const version = input as string
    expect(written({ version })).toContain(textOf(text))
    expect(readServiceTags([text], reader)).toEqual({ ...nothing, version })
  })

  it('tags of ours are lower-case hexadecimal of zlib data', () => {
    const tags = writeServiceTags({ ...nothing, metadata: { transport: 'http' } }, compression)
    for (const tag of tags) expect(tag).toMatch(/^[tv]-78[0-9a-f]+$/)
  })
})

interface Decoded {
  readonly endpoints: unknown
  readonly metadata: unknown
  readonly version: string
  readonly versionFound: boolean
}

describe('what go-micro 2017 reads out of tags', () => {
  test.each(['decode-0', 'decode-1', 'decode-2', 'decode-3', 'decode-4'])('%s', name => {
    const { input, json } = vector(file, name)
    const tags = input as readonly string[]
    const go = json as Decoded
    const expected = { endpoints: endpointsFromJson(go.endpoints), metadata: go.metadata }
    if (go.versionFound) expect(readServiceTags(tags, reader)).toEqual({ ...expected, version: go.version })
    else {
      expect(readServiceTags(tags, reader)).toBeUndefined()
      expect(readServiceTags([...tags, 'v=9'], reader)).toEqual({ ...expected, version: '9' })
    }
  })
})
