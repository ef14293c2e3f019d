import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { deliberateDifferences } from '../../support/deliberate-differences.js'
import { vectorKeys } from '../../support/golden-sources.js'

const page = readFileSync(new URL('../../../docs/compatibility.md', import.meta.url), 'utf8')

/** The rows of the tables under headings that are names of vector files. */
function differencesOf(text: string): readonly (readonly [key: string, reason: string])[] {
  let file = ''
  return text.split('\n').flatMap(line => {
    file = /^### `(.*)`$/.exec(line)?.[1] ?? file
    const [, name, reason] = /^\| `(.*?)` +\| (.*?) *\|$/.exec(line) ?? []
    return name === undefined || reason === undefined
      ? []
      : [[`${file}/${name}`, reason.replaceAll('\\<', '<')] as const]
  })
}

it('docs/compatibility.md lists the deliberate differences, each with its reason', () => {
  expect(Object.fromEntries(differencesOf(page))).toEqual(deliberateDifferences)
})

it('docs/compatibility.md names every file of vectors', () => {
  const files = new Set(vectorKeys().map(key => key.slice(0, key.indexOf('/'))))
  expect([...files].filter(file => !page.includes(`\`${file}\``))).toEqual([])
})
