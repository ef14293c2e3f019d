import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import prettier from 'prettier'
import ts from 'typescript'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { generatedName, generateTexts } from '../../support/generate-text.js'
import { noProtoc, openProtoc, type Protoc } from '../../support/protoc.js'

const fixtures = 'test/fixtures/proto'
const googleapis = `${fixtures}/googleapis`
const sets: readonly (readonly [string, string, readonly string[]])[] = [
  ['proto3', fixtures, ['everything.proto', 'names.proto', 'shared/money.proto', 'shared/all.proto']],
  ['proto2', fixtures, ['legacy.proto', 'extending.proto']],
  [
    'a public API',
    googleapis,
    [
      'google/pubsub/v1/pubsub.proto',
      'google/pubsub/v1/schema.proto',
      'google/longrunning/operations.proto',
      'google/rpc/error_details.proto',
      'google/rpc/status.proto',
      'google/api/http.proto',
      'google/api/client.proto',
      'google/api/resource.proto',
    ],
  ],
  ['the greeter', 'examples/greeter', ['greeter.proto']],
]

describe.skipIf(noProtoc !== undefined)(`as a plugin of protoc (${noProtoc ?? 'real'})`, () => {
  let protoc: Protoc
  beforeAll(() => (protoc = openProtoc()))
  afterAll(() => protoc.close())

  it.each(sets)('%s: the files are the same', async (_, root, names) => {
    const texts = await generateTexts(root, names)
    const out = protoc.pluginOutput('dist/codegen/protoc-gen-headrace.js', [root], names)
    for (const name of names.map(generatedName)) {
      expect(readFileSync(join(out, name), 'utf8'), name).toBe(texts.get(name))
    }
  })
})

describe('the generated files', () => {
  it.each(sets)('%s: are formatted as prettier would', async (_, root, names) => {
    const options = { ...(await prettier.resolveConfig('src/index.ts')), parser: 'typescript' }
    for (const [name, text] of await generateTexts(root, names))
      expect(await prettier.format(text, options), name).toBe(text)
  })

  it('compile under strict settings', async () => {
    mkdirSync('build', { recursive: true })
    const folder = mkdtempSync(join('build', 'generated-'))
    try {
      const files: string[] = []
      for (const [, root, names] of sets)
        for (const [name, text] of await generateTexts(root, names)) {
          const path = join(folder, root === googleapis ? 'googleapis' : 'own', name)
          mkdirSync(dirname(path), { recursive: true })
          writeFileSync(path, text)
          files.push(path)
        }
      expect(complaints(files)).toEqual([])
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })
})

/** What the compiler says to files, with the settings of this project. */
function complaints(files: readonly string[]): readonly string[] {
  const { config } = ts.readConfigFile('tsconfig.json', path => readFileSync(path, 'utf8')) as {
    config: unknown
  }
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, process.cwd())
  const program = ts.createProgram([...files], { ...options, noEmit: true })
  const found = files.flatMap(file => ts.getPreEmitDiagnostics(program, program.getSourceFile(file)))
  return found.map(
    each => `${each.file?.fileName ?? ''}: ${ts.flattenDiagnosticMessageText(each.messageText, ' ')}`,
  )
}
