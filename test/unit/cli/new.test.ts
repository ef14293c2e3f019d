import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createCliNetwork } from '../../support/cli.js'

const { headrace } = createCliNetwork()
let cwd: string
beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'headrace-new-'))
})
afterEach(() => rm(cwd, { recursive: true }))

const files = [
  '.gitignore',
  'README.md',
  'package.json',
  'src/client.ts',
  'src/greeter.ts',
  'src/main.ts',
  'src/service.ts',
  'test/service.test.ts',
  'tsconfig.json',
]

describe('headrace new', () => {
  test('makes a folder with a service of that name', async () => {
    const { code, stdout } = await headrace(['new', 'shop.orders'], { cwd })
    expect(code).toBe(0)
    expect(stdout).toBe(
      `${files.map(file => `shop.orders/${file}`).join('\n')}\n\nNow: cd shop.orders && npm install && npm start\n`,
    )
    const text = async (file: string) => readFile(join(cwd, 'shop.orders', file), 'utf8')
    for (const file of files) expect(await text(file)).not.toContain('__')
    expect(JSON.parse(await text('package.json'))).toMatchObject({
      name: 'shop.orders',
      dependencies: { headrace: expect.stringMatching(/^\^\d+\.\d+\.\d+$/) },
    })
    expect(await text('src/service.ts')).toContain("createService({ name: 'shop.orders'")
    expect(await text('README.md')).toMatch(/^# `shop\.orders`\n/)
  })

  test.each([
    ['./headrace-1.0.0.tgz', (folder: string) => `file:${join(folder, 'headrace-1.0.0.tgz')}`],
    ['~1.2.0', () => '~1.2.0'],
  ])('--headrace=%s says what it depends on', async (wanted, expected) => {
    const { stdout } = await headrace(['new', 'demo', `--headrace=${wanted}`, '--json'], { cwd })
    expect(JSON.parse(stdout)).toEqual({ created: files.map(file => `demo/${file}`) })
    const { dependencies } = JSON.parse(await readFile(join(cwd, 'demo', 'package.json'), 'utf8'))
    expect(dependencies).toEqual({ headrace: expected(cwd) })
  })

  test('--headrace= is refused, and nothing is made', async () => {
    const { code, stderr } = await headrace(['new', 'demo', '--headrace='], { cwd })
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: 'headrace: --headrace needs a version or the path of a .tgz\n',
    })
    expect(await readdir(cwd)).toEqual([])
  })

  test('--proto describes the messages in a .proto file', async () => {
    const { stdout } = await headrace(['new', 'demo', '--proto', '--json'], { cwd })
    const added = ['src/greeter.headrace.ts', 'src/greeter.proto']
    expect(JSON.parse(stdout)).toEqual({ created: [...files, ...added].map(file => `demo/${file}`).sort() })
    const text = async (file: string) => readFile(join(cwd, 'demo', file), 'utf8')
    expect(await text('src/greeter.ts')).toContain("from './greeter.headrace.js'")
    await headrace(['new', 'plain'], { cwd })
    const plain = JSON.parse(await readFile(join(cwd, 'plain', 'package.json'), 'utf8'))
    const { gen, ...scripts } = JSON.parse(await text('package.json')).scripts
    expect({ gen, scripts }).toEqual({ gen: 'headrace gen src/greeter.proto', scripts: plain.scripts })
  })

  test('an empty folder is filled, another is not touched', async () => {
    await mkdir(join(cwd, 'empty'))
    expect((await headrace(['new', 'empty'], { cwd })).code).toBe(0)
    await writeFile(join(cwd, 'file'), '')
    for (const [name, text] of [
      ['empty', 'headrace: the folder empty exists and is not empty\n'],
      ['file', 'headrace: file: is a file\n'],
    ] as const) {
      expect(await headrace(['new', name], { cwd })).toEqual({ code: 1, stdout: '', stderr: text })
    }
  })

  test.each(['Demo', '../demo', 'de mo', 'demo-', '1demo', 'a'.repeat(51)])('%j is no name', async name => {
    const { code, stderr } = await headrace(['new', name], { cwd })
    expect(code).toBe(2)
    expect(stderr).toMatch(/is no name for a service/)
    expect(await readdir(cwd)).toEqual([])
  })
})
