import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import protobuf, { type Root } from 'protobufjs'
import { ServiceError } from '../../../streams/index.js'

/** Where the copy of one of protobuf's own files lies that protobufjs brings along, such as `google/protobuf/descriptor.proto`; `undefined` for any other. */
export function standardFile(name: string): string | undefined {
  if (!/^google\/protobuf\/[\w/]+\.proto$/.test(name)) return undefined
  try {
    return createRequire(import.meta.url).resolve(`protobufjs/${name}`)
  } catch {
    return undefined // protobufjs has no file of that name
  }
}

/** Parses a source into a root, with what it imports of protobuf's own files. Throws `bad_request` for any other import. */
export function parseInto(root: Root, source: string): void {
  const added = new Set<string>()
  const add = (text: string): void => {
    const { imports = [], weakImports = [] } = protobuf.parse(text, root)
    for (const name of [...imports, ...weakImports]) {
      if (added.has(name)) continue
      added.add(name)
      const wellKnown = protobuf.common.get(name)?.nested
      if (wellKnown !== undefined) root.addJSON(wellKnown)
      else add(readStandard(name))
    }
  }
  add(source)
}

function readStandard(name: string): string {
  const path = standardFile(name)
  if (path !== undefined) return readFileSync(path, 'utf8')
  throw new ServiceError(
    'bad_request',
    `the import ${name} is not known; loadProto reads files that import others`,
  )
}
