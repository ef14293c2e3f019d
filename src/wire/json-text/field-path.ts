/** The way from the root of a JSON value to one of its parts: keys and list indexes. */
export type FieldPath = readonly (string | number)[]

/** A path as errors show it: `user.tags[3]`, or `the value` for the root. */
export function showPath(path: FieldPath): string {
  if (path.length === 0) return 'the value'
  return path
    .map((step, at) => (typeof step === 'number' ? `[${step}]` : at === 0 ? step : `.${step}`))
    .join('')
}
