import { defineConfig } from 'vitest/config'
import fast, { reporters } from './vitest.config.js'

/** `npm run test:slow`: soak, leaks, nothing lost, bounded memory, fuzzing at full counts; one file at a time. */
export default defineConfig({
  resolve: fast.resolve ?? {},
  test: {
    ...reporters,
    include: ['test/slow/**/*.test.ts'],
    pool: 'forks',
    fileParallelism: false,
    execArgv: ['--expose-gc'],
    testTimeout: 180_000,
    hookTimeout: 60_000,
  },
})
