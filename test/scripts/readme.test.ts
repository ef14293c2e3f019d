import { describe, expect, it } from 'vitest'
import { fillBlocks, unmarkedBlocks } from '../../scripts/readme.js'

const source = [
  "import { run } from 'headrace'",
  'async function main() {',
  '  // #region call',
  '  const answer = await run()',
  '',
  '  if (answer) {',
  '    console.log(answer)',
  '  }',
  '  // #endregion call',
  '}',
  '',
].join('\n')

const page = (mark: string, code: string) => `Text.\n\n${mark}\n\`\`\`ts\n${code}\`\`\`\n\nMore text.\n`

describe('blocks of Markdown', () => {
  it('take a region, less its indentation', () => {
    const mark = '<!-- from examples/a.ts#call -->'
    const filled = fillBlocks(page(mark, 'old\n'), () => source)
    const code = 'const answer = await run()\n\nif (answer) {\n  console.log(answer)\n}\n'
    expect(filled).toBe(page(mark, code))
    expect(fillBlocks(filled, () => source)).toBe(filled)
  })

  it('take a whole file, less the marks of its regions', () => {
    const mark = '<!-- from examples/a.ts -->'
    const filled = fillBlocks(page(mark, ''), () => source)
    expect(filled).toContain("import { run } from 'headrace'\nasync function main() {\n  const answer")
    expect(filled).not.toContain('#region')
  })

  it('name a region that is not there', () => {
    const text = page('<!-- from examples/a.ts#stream -->', '')
    expect(() => fillBlocks(text, () => source)).toThrow("examples/a.ts has no '// #region stream'")
  })

  it('leave what is not marked, and find it', () => {
    const text = `${page('Nothing.', 'const a = 1\n')}\n\`\`\`sh\nnpm start\n\`\`\`\n`
    expect(fillBlocks(text, () => source)).toBe(text)
    expect(unmarkedBlocks(text)).toEqual([4])
    expect(unmarkedBlocks(page('<!-- from examples/a.ts#call -->', ''))).toEqual([])
  })
})
