import { spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'
import * as rxjs from 'rxjs'
import { expect, test } from 'vitest'

const bundled = new URL('../../dist/node/', import.meta.url)

test('the bundle for Node has the rxjs that a program has', () => {
  const parts = createRequire(import.meta.url)(new URL('rxjs.cjs', bundled).pathname) as object
  expect(Object.keys(parts)).toContain('Observable')
  for (const [name, part] of Object.entries(parts)) expect([name, part]).toEqual([name, rxjs[name as 'of']])
})

test('importing headrace for Node loads few files: no package but rxjs, no adapter', () => {
  const index = JSON.stringify(new URL('index.js', bundled))
  const program = `
    import { createRequire } from 'node:module'
    await import(${index})
    console.log(JSON.stringify(Object.keys(createRequire(${index}).cache)))`
  const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8' })
  const loaded = JSON.parse(stdout) as string[]
  expect(loaded.filter(file => !/dist.node.rxjs\.cjs$|node_modules.rxjs./.test(file))).toEqual([])
  expect(loaded.length).toBeLessThan(130)
})
