import { ServiceError, definePlugin } from 'headrace'
import { fileRegistry } from './file-registry.js'

/** Importing this file gives every service `--registry=file --registry_address=<directory>`. */
definePlugin({
  kind: 'registry',
  name: 'file',
  create({ addresses: [directory], clock }) {
    if (directory === undefined) {
      throw new ServiceError('bad_request', 'registry file: name its directory with --registry_address')
    }
    return fileRegistry(directory, { clock })
  },
})
