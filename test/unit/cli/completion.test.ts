import { spawnSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import { commands } from '../../../src/cli/commands.js'
import { createCliNetwork } from '../../support/cli.js'

const network = createCliNetwork()

/** What bash would offer for a line, its last word unfinished. */
async function offered(...words: string[]): Promise<string[]> {
  const { stdout: script } = await network.headrace(['completion', 'bash'])
  const program = `
    headrace() { printf 'greeter\\ngateway\\n'; }
    compopt() { [ "$2" != default ] || printf 'files\\n'; }
    ${script}
    COMP_WORDS=(headrace ${words.map(word => `'${word}'`).join(' ')})
    COMP_CWORD=${words.length}
    _headrace
    printf '%s\\n' "\${COMPREPLY[@]}"`
  const { stdout, stderr } = spawnSync('bash', ['-c', program], { encoding: 'utf8' })
  expect(stderr).toBe('')
  return stdout.replace(/\n$/, '').split('\n')
}

describe('headrace completion', () => {
  test('bash is offered commands, flags and the names of services', async () => {
    expect(await offered('s')).toEqual(['stream', 'subscribe', 'stats'])
    expect(await offered('call', 'g')).toEqual(['greeter', 'gateway'])
    expect(await offered('call', '--me')).toEqual(['--metadata='])
    expect(await offered('list', '--registry_a')).toEqual(['--registry_address='])
    expect(await offered('completion', '--re')).toEqual([''])
    expect(await offered('completion', '')).toEqual(['bash', 'zsh', 'fish'])
    expect(await offered('gen', 'gr')).toEqual(['files', ''])
    expect(await offered('gen', 'greeter.proto', 'gr')).toEqual(['files', ''])
  })

  test.each(['bash', 'zsh', 'fish'])('%s knows every command', async shell => {
    const { code, stdout } = await network.headrace(['completion', shell])
    expect(code).toBe(0)
    for (const { name } of commands) expect(stdout).toContain(name)
  })

  test('another shell is refused', async () => {
    const { code, stderr } = await network.headrace(['completion', 'csh'])
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: "headrace: unknown shell 'csh'; known are bash, zsh, fish\n",
    })
  })
})

describe('the commands', () => {
  test('are told apart by their flags: one that several have is of one kind', async () => {
    const kinds = new Map<string, string>()
    for (const { load } of commands) {
      for (const [flag, { kind }] of Object.entries((await load()).flags)) {
        expect([flag, kinds.get(flag) ?? kind]).toEqual([flag, kind])
        kinds.set(flag, kind)
      }
    }
  })

  test('are named as in the overview, and have an example', async () => {
    for (const { name, load } of commands) {
      const command = await load()
      expect(command.name).toBe(name)
      for (const example of command.examples) expect(example).toMatch(new RegExp(`^${name}\\b`))
      expect(command.examples.length).toBeGreaterThan(0)
    }
  })
})
