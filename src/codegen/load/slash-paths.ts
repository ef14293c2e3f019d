/** Paths with slashes, on every system: those of imports and of protoc. */

/** Without `.`, `..` behind a name, double slashes and backslashes. The empty path is `.`. */
export function normalize(path: string): string {
  const slashed = path.replaceAll('\\', '/')
  const parts: string[] = []
  for (const part of slashed.split('/')) {
    if (part === '' || part === '.') continue
    if (part === '..' && parts.length > 0 && parts.at(-1) !== '..') parts.pop()
    else parts.push(part)
  }
  const root = slashed.startsWith('/') ? '/' : ''
  return `${root}${parts.join('/')}` || '.'
}

/** One path below another. */
export function join(directory: string, path: string): string {
  return normalize(path.startsWith('/') ? path : `${directory}/${path}`)
}

/** The folder of a file. */
export function dirname(path: string): string {
  const at = path.lastIndexOf('/')
  return at < 0 ? '.' : at === 0 ? '/' : path.slice(0, at)
}
