import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { ServiceError } from '../../streams/index.js'
import type { SourceStore } from './load-files.js'
import { wellKnownSource } from './well-known-sources.js'

/** What protobufjs brings along of protobuf's own files, for those who import them to define options. */
const ofProtobufjs: ReadonlySet<string> = new Set(
  ['api', 'descriptor', 'source_context', 'type', 'compiler/plugin'].map(
    name => `google/protobuf/${name}.proto`,
  ),
)

/** Sources on disk. */
export function fileStore(): SourceStore {
  return {
    read,
    builtIn: async name => {
      const own = wellKnownSource(name)
      if (own !== undefined || !ofProtobufjs.has(name)) return own
      return read(createRequire(import.meta.url).resolve(`protobufjs/${name}`))
    },
  }
}

async function read(path: string): Promise<string | undefined> {
  let bytes: Uint8Array
  try {
    bytes = await readFile(path)
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    if (code === 'EISDIR')
      throw new ServiceError('bad_request', `${path} is a folder; name .proto files`, { cause })
    throw new ServiceError('unavailable', `${path} cannot be read: ${(cause as Error).message}`, { cause })
  }
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch (cause) {
    throw new ServiceError('bad_request', `${path}: the file is no UTF-8`, { cause })
  }
}
