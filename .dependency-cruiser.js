/**
 * The import rules of ARCHITECTURE.md section 2. `npm run imports` checks them;
 * test/scripts/import-rules.test.ts plants a violation of each and sees it reported.
 */

/** The one library that an adapter may import besides rxjs. */
const libraryOf = {
  'registry/consul': 'consul',
  'registry/mdns': 'multicast-dns',
  'codec/proto-types': 'protobufjs',
  'transport/http': 'ws',
}

const rxjs = 'node_modules/rxjs/'
const anyPackage = 'node_modules/'
/** An adapter's own file or folder: $1 is its kind, $2 its name. */
const adapter = '^src/adapters/([^/]+)/([^/.]+)'

/**
 * What a layer may import; anything else is an error.
 * @param {string} name
 * @param {string} comment
 * @param {string} from
 * @param {string[]} allowed
 * @returns {import('dependency-cruiser').IForbiddenRuleType}
 */
const layer = (name, comment, from, allowed) => ({
  name,
  comment,
  severity: 'error',
  from: { path: from },
  to: { pathNot: allowed },
})

/**
 * @param {[adapter: string, library: string]} entry
 * @returns {import('dependency-cruiser').IForbiddenRuleType}
 */
const oneLibrary = ([name, library]) => ({
  name: `adapter-${name.replace('/', '-')}-imports-${library}-only`,
  comment: 'One library for each adapter; the table is at the top of .dependency-cruiser.js.',
  severity: 'error',
  from: { path: `^src/adapters/${name}(/|[.]ts$)` },
  to: { path: anyPackage, pathNot: [rxjs, `node_modules/(@types/)?${library}/`] },
})

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    layer('streams-import-rxjs-only', 'streams imports rxjs and nothing else.', '^src/streams/', [
      '^src/streams/',
      rxjs,
    ]),
    layer('wire-imports-streams-only', 'wire imports streams and nothing else.', '^src/wire/', [
      '^src/(wire|streams)/',
    ]),
    layer('actors-import-streams-only', 'actors imports streams and rxjs.', '^src/actors/', [
      '^src/(actors|streams)/',
      rxjs,
    ]),
    {
      name: 'adapters-know-no-actors',
      comment: 'Inside src an adapter imports streams, wire, its own parts and src/adapters/*.ts.',
      severity: 'error',
      from: { path: '^src/adapters/' },
      to: { path: '^src/', pathNot: '^src/(streams|wire|adapters)/' },
    },
    {
      name: 'adapters-know-no-adapters',
      comment: 'An adapter that needs another takes it as an option. src/adapters/mux serves all of them.',
      severity: 'error',
      // Its own file says why: ws and http are two names for the wires of one port.
      from: { path: adapter, pathNot: '^src/adapters/(mux/|transport/ws[.]ts$)' },
      to: { path: '^src/adapters/[^/]+/', pathNot: '^src/adapters/(mux/|$1/$2(/|[.]ts$))' },
    },
    {
      name: 'ws-is-http',
      comment: 'The ws transport is the http transport with other wires first, and knows no other adapter.',
      severity: 'error',
      from: { path: '^src/adapters/transport/ws[.]ts$' },
      to: { path: '^src/adapters/[^/]+/', pathNot: '^src/adapters/transport/http/' },
    },
    {
      name: 'the-multiplexer-knows-no-adapters',
      comment: 'src/adapters/mux also runs in browsers: it imports streams, wire, its own parts and rxjs.',
      severity: 'error',
      from: { path: '^src/adapters/mux/' },
      to: { pathNot: ['^src/(streams|wire|adapters/mux)/', '^src/adapters/sweep[.]ts$', rxjs] },
    },
    {
      name: 'adapter-helpers-know-no-adapters',
      comment: 'src/adapters/*.ts serves all adapters, so it imports none.',
      severity: 'error',
      from: { path: '^src/adapters/[^/]+[.]ts$' },
      to: { path: '^src/adapters/[^/]+/', pathNot: '^src/adapters/mux/' },
    },
    {
      name: 'adapters-import-one-library',
      comment: 'One library for each adapter; the table is at the top of .dependency-cruiser.js.',
      severity: 'error',
      from: {
        path: '^src/adapters/',
        pathNot: Object.keys(libraryOf).map(name => `^src/adapters/${name}(/|[.]ts$)`),
      },
      to: { path: anyPackage, pathNot: rxjs },
    },
    ...Object.entries(libraryOf).map(oneLibrary),
    {
      name: 'only-composition-roots-import-adapters',
      comment:
        'src/service.ts with its parts in src/service, src/browser.ts with those in src/browser, and src/plugins.ts put the parts together.',
      severity: 'error',
      from: {
        path: '^src/',
        pathNot: '^src/(adapters/|service/|browser/|codegen/|(service|browser|plugins|protobuf)[.]ts$)',
      },
      to: { path: '^src/adapters/' },
    },
    {
      name: 'adapters-load-on-demand',
      comment: 'Only the adapters that are used are loaded: import(), not import.',
      severity: 'error',
      from: { path: '^src/(service/|(service|plugins)[.]ts$)' },
      to: { path: '^src/adapters/[^/]+/', dynamic: false, dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'cli-goes-through-service',
      comment:
        'The command uses what users use: service.ts with the types beside it, the vocabulary and the flags, the generator, and how JSON is read.',
      severity: 'error',
      from: { path: '^src/cli/' },
      to: {
        path: '^src/',
        pathNot:
          '^src/(cli/|streams/|codegen/(generate|watch)[.]ts$|(service|flags|index)[.]ts$|service/(options|service-types)[.]ts$|wire/(json-text|service-json)[.]ts$)',
      },
    },
    {
      name: 'nothing-imports-cli',
      comment: 'The command stands on everything else, so nothing stands on it.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/cli/' },
      to: { path: '^src/cli/' },
    },
    {
      name: 'codegen-knows-the-codec-only',
      comment:
        'The generator imports the vocabulary and the typed messages: it writes descriptions of them, and the protocol of plugins of protoc is made of them.',
      severity: 'error',
      from: { path: '^src/codegen/' },
      to: { path: '^src/', pathNot: '^src/(codegen/|streams/|adapters/codec/proto-types[./])' },
    },
    {
      name: 'conformance-uses-public-names',
      comment:
        'The suites are published: they see headrace, headrace/streams, rxjs, node:assert, and the types of fast-check.',
      severity: 'error',
      from: { path: '^test/conformance/', pathNot: '[.]test[.]ts$' },
      to: {
        pathNot: ['^test/conformance/', '^src/(streams/)?index[.]ts$', rxjs, '^(node:)?assert', 'fast-check'],
      },
    },
    {
      name: 'fast-check-is-passed-in',
      comment: 'Whoever proves something with a suite brings fast-check: the suites import its types alone.',
      severity: 'error',
      from: { path: '^test/conformance/', pathNot: '[.]test[.]ts$' },
      to: { path: 'fast-check', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'source-stands-alone',
      comment: 'src imports nothing of tests, examples, benchmarks and scripts.',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^(test|examples|bench|scripts)/' },
    },
    {
      name: 'source-imports-dependencies',
      comment:
        'What src imports is in "dependencies", or an optional peer that users add: they have nothing else.',
      severity: 'error',
      from: { path: '^src/' },
      to: {
        dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'],
        dependencyTypesNot: ['type-only', 'npm-peer'],
      },
    },
    {
      name: 'no-cycles',
      comment:
        'A file that needs the file that needs it: one of the two holds something that belongs elsewhere.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-unresolved-imports',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: ['^bench/node_modules/', '^dist/', '^build/'] },
    // Imports of types count: a layer is what its readers must know, not only what it loads.
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'types', 'node', 'default'],
      extensions: ['.ts', '.js', '.json', '.d.ts'],
    },
  },
}
