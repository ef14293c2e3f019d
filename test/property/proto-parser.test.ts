import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { ServiceError } from 'headrace'
import { generateSources } from '../../src/codegen/emit/generate-sources.js'
import { loadFiles } from '../../src/codegen/load/load-files.js'
import { wellKnownSource } from '../../src/codegen/load/well-known-sources.js'
import { runPlugin } from '../../src/codegen/protoc/run-plugin.js'
import { pluginResponse } from '../../src/codegen/protoc/request-type.js'

const sources = ['everything', 'legacy', 'names'].map(name =>
  readFileSync(`test/fixtures/proto/${name}.proto`, 'utf8'),
)
const money = readFileSync('test/fixtures/proto/shared/money.proto', 'utf8')
const pieces = sources.flatMap(source => source.match(/\w+|\s+|[^\w\s]|\/\*[^]*?\*\/|"[^"]*"/g) ?? [])

/** What a mutation puts in: pieces of real files, and what scanners stumble over. */
const piece = fc.oneof(
  fc.constantFrom(...pieces),
  fc.constantFrom(
    '"',
    "'",
    '/*',
    '*/',
    '//',
    '{',
    '}',
    '0x',
    '1e',
    '\\',
    '\0',
    '\ud800',
    '\ufeff',
    '9'.repeat(400),
    'to max',
  ),
)
const mutation = fc.record({ at: fc.double({ min: 0, max: 1, noNaN: true }), drop: fc.nat(30), put: piece })

/** Generates from one source; what it imports is there. */
async function generated(source: string): Promise<void> {
  const store = {
    read: async (path: string) => (path === 'a.proto' ? source : undefined),
    builtIn: async (name: string) =>
      wellKnownSource(name) ??
      (name.startsWith('shared/') ? money : name.includes('descriptor') ? descriptor : undefined),
  }
  const { files, wanted } = await loadFiles(['a.proto'], [], store)
  generateSources(files, wanted, name => name.replace(/(\.proto)?$/, '.ts'))
}

const descriptor =
  'syntax = "proto2"; package google.protobuf; message FileOptions { extensions 1000 to max; } message FieldOptions { extensions 1000 to max; }'

it('whatever is done to a .proto file: a file is generated, or it is bad_request with file, line and column', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...sources),
      fc.array(mutation, { minLength: 1, maxLength: 4 }),
      async (source, changes) => {
        let text = source
        for (const { at, drop, put } of changes) {
          const place = Math.floor(at * text.length)
          text = text.slice(0, place) + put + text.slice(place + drop)
        }
        await generated(text).catch((failure: unknown) => {
          expect(failure).toBeInstanceOf(ServiceError)
          expect(failure).toMatchObject({
            kind: 'bad_request',
            detail: expect.stringMatching(/^[\w/.]+:\d+:\d+: /) as string,
          })
        })
      },
    ),
    { numRuns: 400 },
  )
})

it('any text at all: the same', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(piece, { maxLength: 40 }).map(all => all.join(' ')),
      async text => {
        await generated(text).catch((failure: unknown) => {
          expect(failure).toBeInstanceOf(ServiceError)
          expect(failure).toMatchObject({ kind: 'bad_request' })
        })
      },
    ),
    { numRuns: 300 },
  )
})

it('a long file takes no longer than its length', async () => {
  const field = (at: number) => `  // Field ${at}.\n  repeated string field_${at} = ${at + 1};\n`
  const long = `syntax = "proto3";\nmessage A {\n${Array.from({ length: 15_000 }, (_, at) => field(at)).join('')}}\n`
  await generated(long)
  await expect(generated(`${long}/*${' *'.repeat(200_000)}`)).rejects.toThrow('a comment that does not end')
})

it('any bytes for the plugin: an answer of a plugin', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), bytes => {
      expect(pluginResponse.decodeBinary(runPlugin(bytes))).toMatchObject({ supportedFeatures: 1n })
    }),
    { numRuns: 200 },
  )
})
