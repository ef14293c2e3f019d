import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { type ICruiseResult } from 'dependency-cruiser'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import rules from '../../.dependency-cruiser.js'

/** A project with one violation of each rule. File -> what it imports. */
const planted: Record<string, string[]> = {
  'src/index.ts': ['./adapters/registry/memory.js'],
  'src/service.ts': ['./adapters/registry/memory.js', './actors/pool.js'],
  'src/service/parts.ts': ['../adapters/registry/memory.js', '../adapters/node-error.js'],
  'src/cli/main.ts': ['../actors/pool.js', '../service.js', '../service/parts.js'],
  'src/codegen/generate.ts': ['../service.js', '../streams/message.js'],
  'src/wire/json-rpc.ts': ['../cli/main.js'],
  'src/streams/flow.ts': ['node:net', './message.js', 'rxjs'],
  'src/streams/message.ts': ['./flow.js', '../wire/http.js'],
  'src/streams/index.ts': [],
  'src/wire/http.ts': ['rxjs', '../streams/message.js', './frame.js'],
  'src/wire/frame.ts': ['../../test/support/faults.js'],
  'src/actors/pool.ts': ['../adapters/registry/memory.js', '../streams/message.js', 'rxjs'],
  'src/adapters/node-error.ts': ['./registry/memory.js'],
  'src/adapters/registry/memory.ts': ['../../actors/pool.js', '../../streams/message.js', 'protobufjs'],
  'src/adapters/registry/consul.ts': ['consul', 'multicast-dns'],
  'src/adapters/registry/mdns.ts': ['./mdns/records.js', '../node-error.js', 'multicast-dns', 'protobufjs'],
  'src/adapters/registry/mdns/records.ts': ['./names.js', '../../../wire/frame.js', 'node:dgram'],
  'src/adapters/registry/mdns/names.ts': ['../memory.js', '../../transport/http.js', 'rxjs'],
  'src/adapters/transport/http.ts': ['vitest', './absent.js', '../mux/link.js'],
  'src/adapters/transport/http/dial.ts': [],
  'src/adapters/transport/ws.ts': ['./http/dial.js', '../registry/consul.js'],
  'src/adapters/mux/link.ts': ['../sweep.js', '../node-error.js', '../../wire/frame.js', 'rxjs'],
  'src/adapters/sweep.ts': [],
  'src/adapters/codec/proto-types.ts': ['protobufjs', 'multicast-dns'],
  'test/support/faults.ts': [],
  'test/conformance/broker.suite.ts': [
    'headrace/streams',
    'node:assert',
    '../../src/adapters/node-error.js',
    'fast-check',
  ],
  'test/conformance/broker.memory.test.ts': ['../../src/adapters/node-error.js'],
}

const expected = [
  'actors-import-streams-only: src/actors/pool.ts -> src/adapters/registry/memory.ts',
  'adapter-codec-proto-types-imports-protobufjs-only: src/adapters/codec/proto-types.ts -> multicast-dns',
  'adapter-helpers-know-no-adapters: src/adapters/node-error.ts -> src/adapters/registry/memory.ts',
  'adapter-registry-consul-imports-consul-only: src/adapters/registry/consul.ts -> multicast-dns',
  'adapter-registry-mdns-imports-multicast-dns-only: src/adapters/registry/mdns.ts -> protobufjs',
  'adapter-transport-http-imports-ws-only: src/adapters/transport/http.ts -> vitest',
  'adapters-import-one-library: src/adapters/registry/memory.ts -> protobufjs',
  'adapters-know-no-actors: src/adapters/registry/memory.ts -> src/actors/pool.ts',
  'adapters-know-no-adapters: src/adapters/registry/mdns/names.ts -> src/adapters/registry/memory.ts',
  'adapters-know-no-adapters: src/adapters/registry/mdns/names.ts -> src/adapters/transport/http.ts',
  'adapters-load-on-demand: src/service.ts -> src/adapters/registry/memory.ts',
  'adapters-load-on-demand: src/service/parts.ts -> src/adapters/registry/memory.ts',
  'cli-goes-through-service: src/cli/main.ts -> src/actors/pool.ts',
  'cli-goes-through-service: src/cli/main.ts -> src/service/parts.ts',
  'codegen-knows-the-codec-only: src/codegen/generate.ts -> src/service.ts',
  'conformance-uses-public-names: test/conformance/broker.suite.ts -> src/adapters/node-error.ts',
  'fast-check-is-passed-in: test/conformance/broker.suite.ts -> fast-check',
  'no-unresolved-imports: src/adapters/transport/http.ts -> ./absent.js',
  'nothing-imports-cli: src/wire/json-rpc.ts -> src/cli/main.ts',
  'only-composition-roots-import-adapters: src/actors/pool.ts -> src/adapters/registry/memory.ts',
  'only-composition-roots-import-adapters: src/index.ts -> src/adapters/registry/memory.ts',
  'source-imports-dependencies: src/adapters/transport/http.ts -> vitest',
  'source-stands-alone: src/wire/frame.ts -> test/support/faults.ts',
  'streams-import-rxjs-only: src/streams/flow.ts -> net',
  'streams-import-rxjs-only: src/streams/message.ts -> src/wire/http.ts',
  'the-multiplexer-knows-no-adapters: src/adapters/mux/link.ts -> src/adapters/node-error.ts',
  'wire-imports-streams-only: src/wire/frame.ts -> test/support/faults.ts',
  'wire-imports-streams-only: src/wire/http.ts -> rxjs',
  'wire-imports-streams-only: src/wire/json-rpc.ts -> src/cli/main.ts',
  'ws-is-http: src/adapters/transport/ws.ts -> src/adapters/registry/consul.ts',
]

describe('the import rules', () => {
  let project: string
  let found: string[]

  beforeAll(async () => {
    // Inside the checkout, so that packages resolve as they do for the real files.
    mkdirSync('build', { recursive: true })
    project = mkdtempSync('build/import-rules-')
    writeProject(project)
    found = await violations(project)
  })
  afterAll(() => rmSync(project, { recursive: true, force: true }))

  it('report each planted violation, and nothing else', () => {
    expect(found.filter(line => !line.startsWith('no-cycles:'))).toEqual(expected)
  })

  it('report cycles', () => {
    expect(found).toContain('no-cycles: src/streams/flow.ts -> src/streams/message.ts')
  })

  it('are all proven here', () => {
    const proven = new Set(found.map(line => line.split(':')[0]))
    const names = (rules.forbidden ?? []).map(rule => rule.name)
    expect(names.filter(name => !proven.has(name))).toEqual([])
  })
})

function writeProject(folder: string): void {
  const files: Record<string, string> = {
    'package.json': JSON.stringify({
      type: 'module',
      dependencies: { rxjs: '*', protobufjs: '*', 'multicast-dns': '*' },
      peerDependencies: { consul: '*' },
      devDependencies: { vitest: '*', consul: '*' },
    }),
    'tsconfig.json': JSON.stringify({
      compilerOptions: { module: 'NodeNext', paths: { 'headrace/streams': ['./src/streams/index.ts'] } },
    }),
  }
  for (const [file, imports] of Object.entries(planted)) {
    files[file] = imports.map(name => `import '${name}'\n`).join('')
  }
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, file)), { recursive: true })
    writeFileSync(join(folder, file), text)
  }
}

async function violations(folder: string): Promise<string[]> {
  const tool = resolve('node_modules/dependency-cruiser/bin/dependency-cruise.mjs')
  const config = resolve('.dependency-cruiser.js')
  const args = [tool, '--config', config, '--output-type', 'json', 'src', 'test']
  const output = await new Promise<string>(done =>
    execFile(process.execPath, args, { cwd: folder, maxBuffer: 1 << 24 }, (_, stdout) => done(stdout)),
  )
  return (JSON.parse(output) as ICruiseResult).summary.violations
    .map(({ rule, from, to }) => `${rule.name}: ${from} -> ${packageOf(to)}`)
    .sort()
}

const packageOf = (path: string) => /node_modules\/([^/]+)/.exec(path)?.[1] ?? path
