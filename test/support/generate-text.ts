import { generateSources, withUsedFiles } from '../../src/codegen/emit/generate-sources.js'
import { fileStore } from '../../src/codegen/load/file-store.js'
import { loadFiles } from '../../src/codegen/load/load-files.js'

/** What the generator makes of files below a root, and of what they use: texts by the names of the generated files. */
export async function generateTexts(
  root: string,
  names: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const { files, wanted } = await loadFiles(
    names.map(name => `${root}/${name}`),
    [root],
    fileStore(),
  )
  const texts = generateSources(files, withUsedFiles(files, wanted), generatedName)
  return new Map([...texts].map(([name, text]) => [generatedName(name), text]))
}

/** The name of the file that is generated for another. */
export function generatedName(name: string): string {
  return name.replace(/\.proto$/, '.headrace.ts')
}
