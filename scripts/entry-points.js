import { readFileSync } from 'node:fs'

/** @typedef {{ name: string, exports: Record<string, string | { types: string, node?: string, default: string }> }} Manifest */

/**
 * The sub-paths of package.json that hold code: what users can import.
 * @returns {{ name: string, types: string, file: string, node: string | undefined }[]}
 */
export function entryPoints() {
  const { name, exports } = /** @type {Manifest} */ (JSON.parse(readFileSync('package.json', 'utf8')))
  return Object.entries(exports).flatMap(([path, target]) =>
    typeof target === 'string'
      ? []
      : [{ name: path.replace('.', name), types: target.types, file: target.default, node: target.node }],
  )
}
