import { defineConfig } from 'vitest/config'
import { MatrixReporter } from './test/interop/matrix-reporter.js'
import fast, { reporters } from './vitest.config.js'

/** What `npm run interop` runs: headrace beside programs in Go and Java; one file at a time. */
export default defineConfig({
  resolve: fast.resolve ?? {},
  test: {
    ...reporters,
    reporters: ['dot', ...(process.env['TEST_REPORT'] === undefined ? [] : ['json']), new MatrixReporter()],
    include: ['test/interop/**/*.test.ts'],
    pool: 'forks',
    fileParallelism: false,
    testTimeout: 20_000,
    hookTimeout: 60_000,
  },
})
