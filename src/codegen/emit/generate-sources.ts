import type { FieldDescriptor, FileDescriptor } from '../descriptor.js'
import { withoutCustomOptions } from './custom-options.js'
import { emitFile, hasTypes } from './emit-file.js'
import { wellKnownFiles } from '../load/well-known-sources.js'
import { ownNames } from './names.js'
import { messagesOf } from './messages-of.js'
import { knownTypes, type KnownTypes } from './registry.js'

/**
 * The TypeScript texts for the files of these names, by name. `linked` files have all imports among them; `outputOf` says where the text for a
 * file goes, so that the others can import it. Pure.
 */
export function generateSources(
  linked: readonly FileDescriptor[],
  wanted: readonly string[],
  outputOf: (name: string) => string,
): ReadonlyMap<string, string> {
  const files = linked.map(withoutCustomOptions)
  const types = knownTypes(files)
  const chosen = files.filter(({ name }) => wanted.includes(name))
  const texts = chosen.map(file => {
    const moduleOf = (other: string) => moduleBetween(outputOf(file.name), outputOf(other))
    return [file.name, emitFile(file, { types, names: ownNames(file), moduleOf })] as const
  })
  return new Map(texts)
}

/** The wanted files, and those whose types they use: `headrace/protobuf` has the well-known ones. */
export function withUsedFiles(
  linked: readonly FileDescriptor[],
  wanted: readonly string[],
): readonly string[] {
  const files = linked.map(withoutCustomOptions)
  const types = knownTypes(files)
  const byName = new Map(files.map(file => [file.name, file]))
  const found = new Set<string>()
  const add = (name: string): void => {
    const file = byName.get(name)
    if (found.has(name) || file === undefined) return
    found.add(name)
    for (const used of usedFiles(file, types)) if (!wellKnownFiles.has(used)) add(used)
  }
  for (const name of wanted) add(name)
  return [...found]
}

function usedFiles(file: FileDescriptor, types: KnownTypes): ReadonlySet<string> {
  const fields = [
    ...file.extensions,
    ...messagesOf(file).flatMap(([, message]) => [...message.fields, ...message.extensions]),
  ]
  const names = [
    ...fields.flatMap(namesOf),
    ...file.services.flatMap(({ methods }) =>
      methods.flatMap(({ input, output }) => [input.name, output.name]),
    ),
  ]
  const used = names.map(name => types.get(name)?.file).filter(each => each !== undefined && hasTypes(each))
  return new Set(used.map(each => each?.name ?? ''))
}

function namesOf({ type, extendee }: FieldDescriptor): readonly string[] {
  return [...(type.kind === 'scalar' ? [] : [type.name]), ...(extendee === undefined ? [] : [extendee.name])]
}

/** How one generated file imports another: both are paths with slashes from the same folder. */
function moduleBetween(from: string, to: string): string {
  const here = from.split('/').slice(0, -1)
  const there = to.replace(/\.ts$/, '.js').split('/')
  let shared = 0
  while (shared < here.length && shared < there.length - 1 && here[shared] === there[shared]) shared += 1
  const up = here.slice(shared).map(() => '..')
  return [...(up.length === 0 ? ['.'] : up), ...there.slice(shared)].join('/')
}
