/**
 * What a new user does with the packed package, in an empty folder: makes a service with `headrace new`, installs it, runs its test, starts it, and
 * calls it from the command line.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { run } from './run-command.js'

/** Two runs on one machine do not meet: each service has the name of its own. */
const name = `demo-${process.pid}`
const loopback = [
  '--registry_address=127.0.0.1',
  '--server_address=127.0.0.1:0',
  '--broker_address=127.0.0.1:0',
]

/**
 * @param {string} folder an empty one
 * @param {string} tarball
 */
export async function scaffold(folder, tarball) {
  run(
    'npm',
    ['exec', '--yes', '--package', tarball, '--', 'headrace', 'new', name, `--headrace=${tarball}`],
    folder,
  )
  const project = join(folder, name)
  run('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline'], project)
  console.log('headrace new made a service, and it was installed')
  run('npm', ['test'], project)
  console.log('its test passes')
  const service = start(project)
  try {
    await service.shows(`Registering node: ${name}-`)
    const call = ['call', name, 'Greeter.Hello', '{"name":"John"}', '--json', '--wait=10s', ...loopback]
    const said = run('npx', ['--no-install', 'headrace', ...call], project).trim()
    if (said !== '{"greeting":"Hello John"}') throw new Error(`headrace call said ${said}`)
    const client = run('npm', ['run', '--silent', 'client', '--', ...loopback], project).trim()
    if (client !== 'Hello John') throw new Error(`npm run client said ${client}`)
  } finally {
    service.interrupt()
  }
  await service.ended
  console.log('it runs, and answers the command line and its client')
  withProto(folder, tarball)
}

/**
 * The same from a .proto file: what is generated is what was packed, and its test passes.
 * @param {string} folder
 * @param {string} tarball
 */
function withProto(folder, tarball) {
  const named = ['headrace', 'new', 'typed', '--proto', `--headrace=${tarball}`]
  run('npm', ['exec', '--yes', '--package', tarball, '--', ...named], folder)
  const project = join(folder, 'typed')
  run('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline'], project)
  run('npm', ['run', 'gen', '--', '--check'], project)
  run('npm', ['test'], project)
  console.log('headrace new --proto made one from a .proto file, and its test passes')
}

/**
 * `npm start`, with what it shows.
 * @param {string} project
 */
function start(project) {
  const child = spawn('npm', ['start', '--', ...loopback], {
    cwd: project,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  let output = ''
  const ended = once(child, 'close').then(([code]) => /** @type {number | null} */ (code))
  const shows = (/** @type {string} */ text) =>
    new Promise((resolve, reject) => {
      const look = (/** @type {Buffer} */ chunk) => {
        output += String(chunk)
        if (output.includes(text)) resolve(undefined)
      }
      child.stdout.on('data', look)
      child.stderr.on('data', look)
      void ended.then(code => reject(new Error(`npm start ended with ${code ?? 'a signal'}:\n${output}`)))
    })
  // As Ctrl-C at a terminal: npm and what it runs are told, as one group.
  const interrupt = () => void (child.pid !== undefined && process.kill(-child.pid, 'SIGINT'))
  return { ended, shows, interrupt }
}
