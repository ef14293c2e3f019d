import { describe, expect, test } from 'vitest'
import { createOutput, printable } from '../../../src/cli/output.js'
import { readJson } from '../../../src/cli/read-json.js'
import { writeJson } from '../../../src/cli/write-json.js'
import { createCliNetwork } from '../../support/cli.js'

function outputTo(isTerminal: boolean, env = {}, columns = 20) {
  const written: string[] = []
  const output = createOutput({ isTerminal, columns, write: async text => void written.push(text) }, env)
  return { output, written }
}

describe('output', () => {
  test.each([
    [true, {}, '\x1b[32mok\x1b[0m'],
    [true, { NO_COLOR: '' }, '\x1b[32mok\x1b[0m'],
    [true, { NO_COLOR: '1' }, 'ok'],
    [true, { TERM: 'dumb' }, 'ok'],
    [false, {}, 'ok'],
  ])('has colours on a terminal that wants them: %s %j', (isTerminal, env, text) => {
    expect(outputTo(isTerminal, env).output.style.good('ok')).toBe(text)
  })

  test('a table is cut at the width of a terminal, and nowhere else', async () => {
    const row = ['a', 'b'.repeat(30)]
    const [terminal, file] = [outputTo(true, { NO_COLOR: '1' }), outputTo(false)]
    for (const { output } of [terminal, file]) await output.table(['ONE', 'TWO'], [row])
    expect(terminal.written).toEqual(['ONE  TWO\n', `a    ${'b'.repeat(14)}…\n`])
    expect(file.written).toEqual(['ONE  TWO\n', `a    ${'b'.repeat(30)}\n`])
  })

  test('what a peer says cannot move the cursor', () => {
    expect(printable('a\x1b[2Jb\nc\x9b')).toBe('a\\x1b[2Jb\\x0ac\\x9b')
  })

  test.each([
    ['null', undefined],
    ['[1,"a",true,null,{"b":[]}]', undefined],
    ['{}', undefined],
    ['{"a":9007199254740993,"b":-0.5}', undefined],
    ['{"a":{"b":[1,2]}}', '{\n  "a": {\n    "b": [\n      1,\n      2\n    ]\n  }\n}'],
  ])('JSON is written as it was read: %s', (text, indented) => {
    const value = readJson(text, 'it')
    expect(writeJson(value)).toBe(text)
    if (indented !== undefined) expect(writeJson(value, '  ')).toBe(indented)
  })
})

describe('help', () => {
  const network = createCliNetwork()

  test('of everything names each command and each exit code; without a command it is a mistake', async () => {
    const { code, stdout } = await network.headrace(['--help'])
    expect(code).toBe(0)
    for (const name of ['list', 'get', 'call', 'stream'])
      expect(stdout).toMatch(new RegExp(`^  ${name} `, 'm'))
    expect(await network.headrace(['help'])).toEqual({ code, stdout, stderr: '' })
    expect(await network.headrace([])).toEqual({ code: 2, stdout: '', stderr: stdout })
  })

  test('of a command has its usage, its flags and those of every service', async () => {
    const { stdout } = await network.headrace(['call', '--help'])
    expect(stdout).toMatch(/^Usage: headrace call NAME ENDPOINT \[JSON\]\n/)
    for (const flag of ['--metadata', '--json', '--debug', '--registry_address'])
      expect(stdout).toContain(`  ${flag} `)
    expect(stdout).toContain('[$MICRO_REGISTRY]')
    expect((await network.headrace(['help', 'call'])).stdout).toBe(stdout)
  })

  test('the version is that of the package', async () => {
    expect((await network.headrace(['--version'])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/)
  })
})
