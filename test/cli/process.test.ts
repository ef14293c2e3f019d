import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { processShell } from '../../src/cli/process-shell.js'

const program = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))
const flags = ['--registry_address=127.0.0.1']

function start(...args: string[]) {
  const child = spawn(process.execPath, [program, ...args], { env: { ...process.env, NO_COLOR: '' } })
  const output = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (chunk: string) => (output[name] += chunk))
  }
  const ended = once(child, 'close').then(([code, signal]) => ({ code, signal, ...output }) as const)
  return { child, output, ended }
}

test('the built program prints its help, without colours where there is no terminal', async () => {
  const { code, stdout, stderr } = await start('--help').ended
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(stdout).toMatch(/^Usage: headrace COMMAND /)
  expect(stdout).not.toContain('\x1b')
})

test('SIGINT ends a watch with 0', async () => {
  const { child, output, ended } = start('register', `process-${process.pid}`, '127.0.0.1:9', ...flags)
  await expect.poll(() => output.stdout, { timeout: 15_000 }).toMatch(/^registered /)
  child.kill('SIGINT')
  expect(await ended).toMatchObject({ code: 0, signal: null, stderr: '' })
})

test('only the first SIGINT asks for an orderly end: a second one ends the process', () => {
  const before = process.listeners('SIGINT')
  let asked = 0
  processShell().onStopSignal(() => (asked += 1))
  const added = process.listeners('SIGINT').filter(each => !before.includes(each))
  expect(added).toHaveLength(1)
  added[0]?.('SIGINT')
  expect(asked).toBe(1)
  expect(process.listeners('SIGINT')).toEqual(before)
})

test('a reader that goes away is no stack trace', async () => {
  const { child, ended } = start('list', '--help')
  child.stdout.destroy()
  expect(await ended).toMatchObject({ code: 0, stderr: '' })
})

test('a mistake is one line and an exit code', async () => {
  const { code, stdout, stderr } = await start('call', 'greeter', 'Greeter.Hello', '{').ended
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  expect(stderr).toMatch(/^headrace: the request is not JSON: [^\n]*\n$/)
})
