/**
 * `npm run interop`: builds the programs of test/interop in Go and Java, and runs headrace beside them, in a network of its own that has
 * loopback alone: the multicast of the peers must not leave the machine. What cannot be had here is left out and said; with CI=true it is a
 * failure. Arguments go to vitest: `npm run interop -- go-2017 -t mdns`.
 */
import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'

const isCi = process.env['CI'] === 'true'
const out = join(process.cwd(), 'build', 'interop')

/** What is run in the new network first: a route, because Go peers take the default one for multicast. They have no address there to send from, and send from 0.0.0.0. */
const network = 'ip link set lo up multicast on && ip route add 224.0.0.0/4 dev lo && exec "$@"'
const networks = [
  ['unshare', '--net'],
  ['unshare', '--user', '--map-root-user', '--net'],
].map(unshare => [...unshare, 'sh', '-c', network, 'network'])

const goNeeds = 'Go 1.19 or newer'
const goBuild = (/** @type {string} */ name) => ['go', 'build', '-buildvcs=false', '-o', join(out, name), '.']
const java = 'test/interop/java'
const builds = [
  { peer: 'go-micro 2017', needs: goNeeds, folder: 'test/interop/go/v2017', command: goBuild('go-2017') },
  { peer: 'go-micro 1.18', needs: goNeeds, folder: 'test/interop/go/v118', command: goBuild('go-118') },
  {
    peer: 'ja-micro',
    needs: 'a JDK 17 or newer',
    folder: java,
    command: ['javac', '-d', join(out, 'java'), ...readdirSync(java).filter(name => name.endsWith('.java'))],
  },
]

rmSync(out, { recursive: true, force: true })
mkdirSync(out, { recursive: true })
for (const { peer, folder, needs, command } of builds) {
  const started = performance.now()
  if (run(command, folder) === 0) console.log(`interop: built ${peer} in ${seconds(started)} s`)
  else missing(`${peer} is not built; it needs ${needs}`)
}
const alone = networks.find(([program = '', ...args]) => spawnSync(program, [...args, 'true']).status === 0)
if (alone === undefined)
  missing('no network of its own, so no multicast: it needs unshare, ip, and the right to use them')
const vitest = ['npx', 'vitest', 'run', '--config', 'vitest.interop.config.ts', ...process.argv.slice(2)]
process.exitCode = run([...(alone ?? []), ...vitest], '.')

/**
 * The exit code of a command, whose output is shown; 1 for one that is not there.
 * @param {string[]} command
 * @param {string} folder
 */
function run([program = '', ...args], folder) {
  const { status, error } = spawnSync(program, args, { cwd: folder, stdio: 'inherit' })
  if (error !== undefined) console.log(`interop: ${error.message}`)
  return status ?? 1
}

/** @param {string} what */
function missing(what) {
  console.log(`interop: ${what} (bash scripts/install-interop.sh installs what is missing)`)
  if (isCi) process.exit(1)
}

/** @param {number} started */
function seconds(started) {
  return ((performance.now() - started) / 1_000).toFixed(1)
}
