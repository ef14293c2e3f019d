import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url))

export default defineConfig({
  resolve: {
    alias: [
      { find: /^headrace$/, replacement: at('src/index.ts') },
      { find: /^headrace\/(streams|actors)$/, replacement: at('src/$1/index.ts') },
      { find: /^headrace\/adapters\/(.+)$/, replacement: at('src/adapters/$1.ts') },
      { find: /^headrace\/conformance$/, replacement: at('test/conformance/index.ts') },
    ],
  },
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 20_000,
    hookTimeout: 20_000,
    restoreMocks: true,
  },
})
