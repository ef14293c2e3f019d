import { fileURLToPath } from 'node:url'

/** The folder of the package. This file is two folders below it in `src`, in `dist` and in the bundle, which is one folder deep: whoever reads a file of the package asks here. */
export const packageRoot = fileURLToPath(new URL('../../', import.meta.url))
