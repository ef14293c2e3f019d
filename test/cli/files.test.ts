import { appendFile, copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Session } from '../support/cli-session.js'

// The commands that work with files and with no registry; paths are shown as they were given, so the folder is the working directory.
const project = process.cwd()
let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'headrace-cli-'))
  await copyFile(join(project, 'examples/greeter/greeter.proto'), join(folder, 'greeter.proto'))
  process.chdir(folder)
})
afterAll(async () => {
  process.chdir(project)
  await rm(folder, { recursive: true })
})

const recorded = (name: string) => resolve(project, 'test/cli/transcripts/files', `${name}.txt`)

test('gen', async () => {
  const session = new Session('none', {})
  await session.run('headrace gen greeter.proto')
  await session.run('headrace gen greeter.proto --check')
  expect(await readFile('greeter.headrace.ts', 'utf8')).toBe(
    await readFile(join(project, 'examples/greeter/greeter.headrace.ts'), 'utf8'),
  )
  await mkdir('proto')
  await writeFile(
    'proto/order.proto',
    'syntax = "proto3";\npackage shop;\nmessage Order { string id = 1; }\n',
  )
  await session.run('headrace gen -I proto --out=src proto/order.proto')
  await appendFile('proto/order.proto', 'message Orders { repeated Order orders = 1; }\n')
  await session.run('headrace gen -Iproto --out=src proto/order.proto --check')
  await writeFile('broken.proto', 'syntax = "proto3";\nmessage Order {\n  strin id = 1\n}\n')
  await session.run('headrace gen broken.proto')
  await session.run('headrace gen absent.proto')
  await expect(session.transcript).toMatchFileSnapshot(recorded('gen'))
})

test('gen --watch generates again when a file changes', async () => {
  await writeFile('watched.proto', 'syntax = "proto3";\nmessage One { string id = 1; }\n')
  const session = new Session('none', {})
  const watching = session.start('headrace gen watched.proto --watch')
  await watching.shows('written    watched.headrace.ts')
  await appendFile('watched.proto', 'message Two { strin')
  await watching.shows('watched.proto:3:')
  await writeFile(
    'watched.proto',
    'syntax = "proto3";\nmessage One { string id = 1; }\nmessage Two { string id = 1; }\n',
  )
  await expect.poll(() => readFile('watched.headrace.ts', 'utf8')).toContain('Two')
  await watching.end('Ctrl-C')
})

test('new', async () => {
  const session = new Session('none', {})
  await session.run('headrace new demo')
  await session.run('headrace new demo')
  await session.run('headrace new Demo')
  await expect(session.transcript).toMatchFileSnapshot(recorded('new'))
})

test('completion', async () => {
  const session = new Session('none', {})
  await session.run('headrace completion bash', { without: /^(?!#)/ })
  await session.run('headrace completion csh')
  await expect(session.transcript).toMatchFileSnapshot(recorded('completion'))
})
