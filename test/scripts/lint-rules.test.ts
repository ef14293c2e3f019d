import { ESLint } from 'eslint'
import { beforeAll, describe, expect, it } from 'vitest'

/** A source with one fault on each line, and the rule that must report it. */
const planted: readonly (readonly [rule: string, line: string])[] = [
  ['no-restricted-globals', 'export const timer = setTimeout(Number, 1)'],
  ['no-restricted-globals', 'export const directory = process.cwd()'],
  ['no-restricted-globals', "export const bytes = Buffer.from('a')"],
  ['no-restricted-properties', 'export const now = Date.now()'],
  ['no-restricted-properties', 'export const chance = Math.random()'],
  ['no-restricted-properties', 'export const later = globalThis.setTimeout'],
  ['no-restricted-syntax', 'export const today = new Date()'],
  ['no-restricted-syntax', 'let latest = 0'],
  ['no-restricted-syntax', 'export const cache = new Map<string, string>()'],
  ['no-restricted-syntax', 'export const events = new Subject<void>()'],
  ['no-restricted-syntax', "export * from './message.js'"],
  ['no-restricted-syntax', 'export default latest'],
  ['no-restricted-syntax', "try { JSON.parse('') } catch { /* said, but not handled */ }"],
  ['@typescript-eslint/no-explicit-any', 'export type Anything = any'],
  ['@typescript-eslint/no-non-null-assertion', 'export const first = [1][0]!'],
  ['@typescript-eslint/ban-ts-comment', '// @ts-ignore'],
  ['no-warning-comments', '// TODO: later'],
  ['@typescript-eslint/no-floating-promises', 'Promise.resolve(1)'],
  ['@typescript-eslint/no-floating-promises', 'createReply(() => of(1))'],
  ['jsdoc/require-jsdoc', 'export function undocumented(): void {}'],
  [
    'rxjs-x/no-nested-subscribe',
    'of(1).subscribe({ next: () => of(2).subscribe({ error: ignore }), error: ignore })',
  ],
  ['rxjs-x/no-ignored-error', 'of(1).subscribe(ignore)'],
  ['rxjs-x/no-sharereplay', 'export const shared = of(1).pipe(shareReplay(1))'],
  [
    'rxjs-x/no-unsafe-takeuntil',
    'export const leaking = of(1).pipe(takeUntil(of(2)), mergeMap(() => of(3)))',
  ],
]
const imports = [
  "import { Subject, mergeMap, of, shareReplay, takeUntil } from 'rxjs'",
  "import { createReply } from './reply.js'",
  "const ignore = () => void 'nothing'",
]

describe('the lint rules', () => {
  let reported: Set<string>

  beforeAll(async () => {
    const text = [...imports, ...planted.map(([, line]) => line), ''].join('\n')
    const [result] = await new ESLint().lintText(text, { filePath: 'src/streams/message.ts' })
    const lineOf = (line: number) => planted[line - imports.length - 1]?.[1]
    reported = new Set((result?.messages ?? []).map(({ ruleId, line }) => `${ruleId}: ${lineOf(line)}`))
  }, 60_000)

  it.each(planted)('%s reports %s', (rule, line) => {
    expect([...reported]).toContain(`${rule}: ${line}`)
  })
})
