import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises'
import { dirname, join, relative, resolve } from 'node:path'
import { ServiceError } from '../../streams/errors.js'
import { defineCommand } from '../command.js'
import { packageRoot } from '../package-root.js'
import { headraceVersion } from '../version.js'

/** Folders with the files of a new service, in the package. A leading `_` keeps npm and other tools from taking them for the package's own; it is left out. */
const templates = join(packageRoot, 'templates')

/** `headrace new` */
export const newService = defineCommand({
  name: 'new',
  usage: 'NAME',
  words: { least: 1, most: 1 },
  description:
    'Makes a folder with a service in TypeScript that runs: its definition, handlers, a client of it, and a test. NAME is the name of the\n' +
    'folder, of the package and of the service.',
  examples: ['new greeter', 'new greeter --proto', 'new greeter --headrace=./headrace-0.1.0.tgz'],
  flags: {
    proto: { kind: 'switch', help: 'Describe the messages in a .proto file: they travel as protobuf' },
    headrace: {
      kind: 'text',
      help: 'The headrace that it depends on: a version, or the path of a packed .tgz. Default: this version',
    },
  },
  remote: false,
  async run({ words, flags, shell, out }) {
    const [name = ''] = words
    checkName(name)
    const folder = resolve(shell.cwd, name)
    await checkFree(folder, name)
    const values = { __name__: name, __headrace__: dependency(flags.headrace, shell.cwd) }
    const files = new Set(await copyTemplate('service', folder, values))
    // What differs stands in place of what is there.
    if (flags.proto === true) for (const file of await copyTemplate('proto', folder, values)) files.add(file)
    const paths = [...files].map(file => join(name, file)).sort()
    if (flags.json === true) await out.json({ created: paths })
    else {
      for (const path of paths) await out.line(path)
      await out.line(`\nNow: cd ${name} && npm install && npm start`)
    }
    return undefined
  },
})

/** It becomes the name of a package and of a service, and stands in code. */
function checkName(name: string): void {
  if (/^[a-z][a-z0-9]*([._-][a-z0-9]+)*$/.test(name) && name.length <= 50) return
  throw new ServiceError(
    'bad_request',
    `'${name}' is no name for a service: at most 50 lower-case letters, digits and single . _ -, a letter first`,
  )
}

async function checkFree(folder: string, name: string): Promise<void> {
  const files = await readdir(folder).catch((failure: NodeJS.ErrnoException) => {
    if (failure.code === 'ENOENT') return []
    const text = failure.code === 'ENOTDIR' ? 'is a file' : failure.message
    throw new ServiceError('conflict', `${name}: ${text}`, { cause: failure })
  })
  if (files.length > 0) throw new ServiceError('conflict', `the folder ${name} exists and is not empty`)
}

function dependency(wanted: string | undefined, cwd: string): string {
  if (wanted === undefined) return `^${headraceVersion()}`
  if (wanted === '') throw new ServiceError('bad_request', '--headrace needs a version or the path of a .tgz')
  return wanted.endsWith('.tgz') ? `file:${resolve(cwd, wanted)}` : wanted
}

async function copyTemplate(
  name: string,
  folder: string,
  values: Readonly<Record<string, string>>,
): Promise<readonly string[]> {
  const template = join(templates, name)
  const entries = await readdir(template, { recursive: true, withFileTypes: true })
  return Promise.all(
    entries
      .filter(entry => entry.isFile())
      .map(async entry => {
        const source = join(entry.parentPath, entry.name)
        const target = join(relative(template, entry.parentPath), entry.name.replace(/^_/, ''))
        const text = await readFile(source, 'utf8')
        await mkdir(dirname(join(folder, target)), { recursive: true })
        await writeFile(
          join(folder, target),
          text.replace(/__[a-z]+__/g, found => values[found] ?? found),
        )
        return target
      }),
  )
}
