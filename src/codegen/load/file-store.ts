import { readFile } from 'node:fs/promises'
import { standardFile } from '../../adapters/codec/proto-types/standard-files.js'
import { ServiceError } from '../../streams/index.js'
import type { SourceStore } from './load-files.js'
import { wellKnownSource } from './well-known-sources.js'

/** Sources on disk. */
export function fileStore(): SourceStore {
  return {
    read,
    builtIn: async name => {
      // The others of protobuf's own files are imported by those who define options.
      const path = standardFile(name)
      return wellKnownSource(name) ?? (path === undefined ? undefined : read(path))
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
