import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { generate } from '../../../src/codegen/generate.js'
import { watchAndGenerate, type GenerateEvent } from '../../../src/codegen/watch.js'

let folder: string
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'headrace-gen-'))))
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const source = (fields: string) => `syntax = "proto3";\nmessage A {\n${fields}\n}\n`

it('writes what has changed, and in check mode says what would', async () => {
  const proto = join(folder, 'a.proto')
  const states = async (check: boolean) =>
    (await generate({ files: [proto], check })).files.map(({ state }) => state)
  writeFileSync(proto, source('string b = 1;'))
  expect(await states(true)).toEqual(['stale'])
  expect(await states(false)).toEqual(['written'])
  expect(await states(false)).toEqual(['unchanged'])
  expect(await states(true)).toEqual(['unchanged'])
  writeFileSync(proto, source('int64 b = 1;'))
  expect(await states(true)).toEqual(['stale'])
  expect(readFileSync(join(folder, 'a.headrace.ts'), 'utf8')).toContain('b: string')
})

it('generates what a file uses of its imports, below the chosen folder', async () => {
  const options = { files: ['test/fixtures/proto/names.proto'], includeDirectories: ['test/fixtures/proto'] }
  const { files, sources } = await generate({ ...options, outDirectory: folder })
  expect(files.map(({ path }) => path)).toEqual([
    `${folder}/shared/money.headrace.ts`,
    `${folder}/names.headrace.ts`,
  ])
  expect(sources).toHaveLength(2)
})

it('a folder in place of a file is refused', async () => {
  await expect(generate({ files: [folder] })).rejects.toMatchObject({
    kind: 'bad_request',
    detail: `${folder} is a folder; name .proto files`,
  })
})

it('a watch generates at each change, and outlives a file that is wrong', async () => {
  const proto = join(folder, 'a.proto')
  writeFileSync(proto, source('string b = 1;'))
  const events: GenerateEvent[] = []
  const watch = watchAndGenerate({ files: [proto] }).subscribe(event => events.push(event))
  await expect.poll(() => events.map(({ kind }) => kind)).toEqual(['generated'])
  writeFileSync(proto, source('string b = 1'))
  await expect.poll(() => events.at(-1)).toMatchObject({ kind: 'failed', error: { kind: 'bad_request' } })
  writeFileSync(proto, source('bytes b = 1;'))
  await expect.poll(() => events.at(-1)?.kind).toBe('generated')
  expect(readFileSync(join(folder, 'a.headrace.ts'), 'utf8')).toContain('b: Uint8Array')
  watch.unsubscribe()
})
