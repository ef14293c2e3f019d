import jsdoc from 'eslint-plugin-jsdoc'
import rxjs from 'eslint-plugin-rxjs-x'
import { defineConfig, globalIgnores } from 'eslint/config'
import tseslint from 'typescript-eslint'

/** Files that may touch the process, the wall clock and real timers: they hand them to all others as options. */
const compositionRoots = [
  'src/service/process-facts.ts',
  'src/browser.ts',
  'src/flags.ts',
  'src/plugins.ts',
  'src/cli/**',
  'src/codegen/protoc-gen-headrace.ts',
  'src/streams/clock.ts',
  'src/adapters/next-tick.ts',
]

const clock = 'Take a Clock (streams/clock.ts) as an option: tests replace it.'
const root = 'Only the composition roots read the process; take what you need as an option.'
const portable = 'streams and actors also run in browsers: no globals of Node.'

/** Ways to the wall clock, to chance and to the process. */
const ambientGlobals = [
  ...['setTimeout', 'setInterval', 'clearTimeout', 'clearInterval', 'performance'].map(name => ({
    name,
    message: clock,
  })),
  { name: 'process', message: root },
]
const ambientImports = [
  ...['timers', 'timers/promises', 'perf_hooks'].map(name => ({ name, message: clock })),
  { name: 'process', message: root },
].flatMap(rule => [rule, { ...rule, name: `node:${rule.name}` }])

const moduleState = 'No module-level mutable state: two services in one process would share it.'

/** Shapes that no file of src may contain. */
const sourceShapes = [
  { selector: 'ExportDefaultDeclaration', message: 'Export by name.' },
  { selector: 'ExportAllDeclaration', message: 'List what is exported, one by one.' },
  {
    selector: 'CatchClause > BlockStatement[body.length=0]',
    message: 'Handle the error, or report it to `events`.',
  },
  { selector: 'TSEnumDeclaration', message: 'Use a union of string literals.' },
]
const moduleStateShapes = [
  { selector: 'Program > VariableDeclaration[kind="let"]', message: moduleState },
  { selector: 'Program > ExportNamedDeclaration > VariableDeclaration[kind="let"]', message: moduleState },
  {
    selector:
      ':matches(Program, Program > ExportNamedDeclaration) > VariableDeclaration > VariableDeclarator > ' +
      'NewExpression[callee.name=/^(Map|Set)$/][arguments.length=0]',
    message: moduleState,
  },
  {
    selector:
      ':matches(Program, Program > ExportNamedDeclaration) > VariableDeclaration > VariableDeclarator > ' +
      'NewExpression[callee.name=/Subject$/]',
    message: moduleState,
  },
]
const ambientShapes = [
  { selector: 'NewExpression[callee.name="Date"][arguments.length=0]', message: clock },
  { selector: 'CallExpression[callee.name="Date"]', message: clock },
]
const ambientProperties = [
  { object: 'Date', property: 'now', message: clock },
  { object: 'Math', property: 'random', message: clock },
  { object: 'AbortSignal', property: 'timeout', message: clock },
  ...ambientGlobals.map(({ name, message }) => ({ object: 'globalThis', property: name, message })),
]

export default defineConfig(
  globalIgnores(['**/node_modules/', 'dist/', 'build/', 'coverage/', 'test/vectors/']),
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },

  {
    name: 'all files',
    files: ['**/*.{ts,js}'],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      eqeqeq: 'error',
      'no-var': 'error',
      'object-shorthand': ['error', 'properties'],
      'prefer-const': 'error',
      'no-empty': ['error', { allowEmptyCatch: false }],
      'no-warning-comments': ['error', { terms: ['todo', 'fixme', 'xxx'], location: 'anywhere' }],
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/no-explicit-any': 'error',
      // A Reply is a thenable: not awaited and not subscribed, it sends nothing.
      '@typescript-eslint/no-floating-promises': ['error', { checkThenables: true }],
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', ignoreRestSiblings: true },
      ],
      // What an observer, a promise or a caller hands over is unknown, and is passed on as it is.
      '@typescript-eslint/only-throw-error': ['error', { allowThrowingUnknown: true }],
      '@typescript-eslint/prefer-promise-reject-errors': ['error', { allowThrowingUnknown: true }],
      // Numbers and unknown errors belong in messages; objects, which print as [object Object], do not.
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true, allowNullish: false, allowAny: false },
      ],
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/no-deprecated': 'error',
      // An async function without await is how an interface that returns a promise is met.
      '@typescript-eslint/require-await': 'off',
    },
  },

  {
    name: 'generated files',
    files: ['**/*.headrace.ts'],
    // The definition of a deprecated method is no use of it.
    rules: { '@typescript-eslint/no-deprecated': 'off' },
  },

  {
    name: 'streams',
    files: ['**/*.ts'],
    plugins: { 'rxjs-x': rxjs },
    rules: {
      'rxjs-x/no-async-subscribe': 'error',
      'rxjs-x/no-create': 'error',
      'rxjs-x/no-exposed-subjects': 'error',
      'rxjs-x/no-finnish': 'error',
      'rxjs-x/no-ignored-notifier': 'error',
      'rxjs-x/no-ignored-replay-buffer': 'error',
      'rxjs-x/no-ignored-takewhile-value': 'error',
      'rxjs-x/no-internal': 'error',
      'rxjs-x/no-nested-subscribe': 'error',
      'rxjs-x/no-redundant-notify': 'error',
      'rxjs-x/no-sharereplay': ['error', { allowConfig: true }],
      'rxjs-x/no-sharereplay-before-takeuntil': 'error',
      'rxjs-x/no-subject-unsubscribe': 'error',
      'rxjs-x/no-subscribe-in-pipe': 'error',
      'rxjs-x/no-topromise': 'error',
      'rxjs-x/no-unbound-methods': 'error',
      'rxjs-x/no-unsafe-subject-next': 'error',
      'rxjs-x/no-unsafe-takeuntil': 'error',
      'rxjs-x/prefer-root-operators': 'error',
    },
  },

  {
    name: 'source',
    files: ['src/**/*.ts', 'test/conformance/**/*.ts'],
    ignores: ['**/*.test.ts'],
    plugins: { jsdoc, 'rxjs-x': rxjs },
    rules: {
      'max-lines': ['error', { max: 300 }],
      'max-lines-per-function': ['error', { max: 60 }],
      'no-restricted-syntax': ['error', ...sourceShapes, ...moduleStateShapes],
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/ban-ts-comment': [
        'error',
        { 'ts-expect-error': true, minimumDescriptionLength: 10 },
      ],
      'jsdoc/require-jsdoc': [
        'error',
        {
          publicOnly: true,
          require: { FunctionDeclaration: true, ClassDeclaration: true },
          contexts: [
            'TSInterfaceDeclaration',
            'TSTypeAliasDeclaration',
            'ExportNamedDeclaration > VariableDeclaration',
          ],
        },
      ],
      'rxjs-x/no-ignored-error': 'error',
    },
  },

  {
    name: 'time, chance and the process are options',
    files: ['src/**/*.ts'],
    ignores: compositionRoots,
    rules: {
      'no-console': 'error',
      'no-restricted-globals': ['error', ...ambientGlobals],
      'no-restricted-properties': ['error', ...ambientProperties],
      'no-restricted-imports': ['error', { paths: ambientImports }],
      'no-restricted-syntax': ['error', ...sourceShapes, ...moduleStateShapes, ...ambientShapes],
    },
  },

  {
    name: 'layers that run anywhere',
    files: ['src/{streams,actors}/**/*.ts', 'src/browser.ts'],
    ignores: ['src/streams/clock.ts'],
    rules: {
      'no-restricted-globals': [
        'error',
        ...ambientGlobals,
        ...['Buffer', 'setImmediate', 'clearImmediate', 'global', 'require', '__dirname', '__filename'].map(
          name => ({ name, message: portable }),
        ),
      ],
    },
  },

  {
    name: 'the module-level state there is: the delivery that a Flow emits right now, and the plugins that were imported',
    files: ['src/streams/emission.ts', 'src/plugins.ts'],
    rules: { 'no-restricted-syntax': ['error', ...sourceShapes, ...ambientShapes] },
  },

  {
    name: 'tests, examples and benchmarks',
    files: ['test/**/*.ts', 'examples/**/*.ts', 'bench/**/*.ts'],
    ignores: ['test/conformance/*.ts', '!test/conformance/*.test.ts'],
    rules: {
      // Captured bytes are JSON: the assertion that follows checks the shape.
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/restrict-template-expressions': 'off',
      '@typescript-eslint/unbound-method': 'off',
      // Faults and late subscriptions are made on purpose.
      'rxjs-x/no-ignored-replay-buffer': 'off',
      'rxjs-x/no-nested-subscribe': 'off',
    },
  },

  {
    name: 'scripts',
    files: ['**/*.js'],
    // The types of JSON are casts in comments, which tsc reads and these rules do not.
    rules: {
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
    },
  },

  {
    name: 'what must not compile',
    files: ['test/types/**/*.ts'],
    rules: {
      '@typescript-eslint/ban-ts-comment': 'off',
      '@typescript-eslint/no-floating-promises': 'off',
      '@typescript-eslint/no-unused-expressions': 'off',
      '@typescript-eslint/no-unused-vars': 'off',
    },
  },
)
