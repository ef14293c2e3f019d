import { fileURLToPath } from 'node:url'
import { configDefaults, defineConfig, type ViteUserConfig } from 'vitest/config'

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url))

const { TEST_REPORT } = process.env

/** How results are shown: to the reader, and with TEST_REPORT=name also in build/reports/name.json. */
export const reporters: ViteUserConfig['test'] = {
  reporters: TEST_REPORT === undefined ? ['default'] : ['default', 'json'],
  outputFile: { json: `build/reports/${TEST_REPORT ?? 'tests'}.json` },
}

/** `npm test`: everything but the slow proofs and the peers in other languages, which have vitest.slow.config.ts and vitest.interop.config.ts. */
export default defineConfig({
  resolve: {
    alias: [
      { find: /^headrace$/, replacement: at('src/index.ts') },
      { find: /^headrace\/(streams|actors)$/, replacement: at('src/$1/index.ts') },
      { find: /^headrace\/protobuf$/, replacement: at('src/protobuf.ts') },
      { find: /^headrace\/adapters\/(.+)$/, replacement: at('src/adapters/$1.ts') },
      { find: /^headrace\/browser$/, replacement: at('src/browser.ts') },
      { find: /^headrace\/conformance$/, replacement: at('test/conformance/index.ts') },
    ],
  },
  test: {
    ...reporters,
    include: ['{test,examples}/**/*.test.ts'],
    exclude: [...configDefaults.exclude, 'test/slow/**', 'test/interop/**'],
    // A process for each file: a leaked handle or an uncaught error belongs to the file that made it.
    pool: 'forks',
    // Many files wait more than they work. vitest itself would leave one core free, which is half of two.
    maxWorkers: '100%',
    testTimeout: 20_000,
    hookTimeout: 20_000,
    teardownTimeout: 5_000,
    restoreMocks: true,
  },
})
