import { relative, resolve } from 'node:path'
import { generate, type Generated, type GenerateOptions } from '../../codegen/generate.js'
import { ServiceError } from '../../streams/errors.js'
import { defineCommand, type CommandContext } from '../command.js'
import { eachUntil } from '../each-until.js'
import { latestOf } from '../latest-of.js'

const genFlags = {
  I: {
    kind: 'texts',
    help: 'A folder in which imports are looked for, repeatable; as with protoc. Default: beside the file',
  },
  out: { kind: 'text', help: 'Where the files go. Default: each beside its .proto' },
  check: {
    kind: 'switch',
    help: 'Write nothing; the exit code is 1 when a file is missing or differs from what would be written',
  },
  watch: { kind: 'switch', help: 'Generate again whenever a .proto changes, until SIGINT' },
} as const

type Context = CommandContext<typeof genFlags>

/** `headrace gen` */
export const gen = defineCommand({
  name: 'gen',
  usage: 'FILE…',
  words: { least: 1, most: Infinity },
  description:
    'Writes NAME.headrace.ts for each NAME.proto and for what it uses of its imports: the types of the messages, the definitions of the\n' +
    'services, and nothing that runs but headrace. protoc is not needed; protoc-gen-headrace does the same as a plugin of it. A file that\n' +
    'would not change is not touched. With --json: a list of { path, source, state }, a line for each run of --watch.',
  examples: [
    'gen greeter.proto',
    'gen -I proto --out=src/generated proto/shop/orders.proto',
    'gen greeter.proto --check',
  ],
  flags: genFlags,
  endless: true,
  remote: false,
  async run(context) {
    const { flags, stop, note } = context
    const options = optionsOf(context)
    if (flags.watch !== true) return told(context, await generate(options))
    const { watchAndGenerate } = await import('../../codegen/watch.js')
    await eachUntil(stop, latestOf(watchAndGenerate(options)), async event => {
      if (event.kind === 'generated') await tell(context, event.result)
      else await note(event.error.detail)
    })
    return undefined
  },
})

function optionsOf({ words, flags, shell }: Context): GenerateOptions {
  const here = (path: string) => relative(process.cwd(), resolve(shell.cwd, path))
  return {
    files: words.map(here),
    ...(flags.I === undefined ? {} : { includeDirectories: flags.I.map(here) }),
    ...(flags.out === undefined ? {} : { outDirectory: here(flags.out) }),
    check: flags.check === true,
  }
}

async function tell({ out, flags, shell }: Context, { files }: Generated): Promise<void> {
  const shown = files.map(({ path, ...rest }) => ({ path: relative(shell.cwd, resolve(path)), ...rest }))
  if (flags.json === true) await out.json(shown)
  else for (const { state, path } of shown) await out.line(`${state.padEnd('unchanged'.length)}  ${path}`)
}

async function told(context: Context, result: Generated): Promise<undefined> {
  await tell(context, result)
  const stale = result.files.filter(({ state }) => state === 'stale')
  if (stale.length === 0) return undefined
  throw new ServiceError(
    'conflict',
    `${stale.length} of ${result.files.length} files are not up to date; run it again without --check`,
  )
}
