import type { StandardIssue, StandardSchema } from './standard-schema.js'
import { isPromiseLike } from './source.js'

/** So many faults are named in one error. */
const maxNamed = 5

/**
 * What a schema makes of a value: at once where its validator is synchronous, else as a promise. Throws, or rejects with, what `fault` makes of the text
 * that names each field that does not fit and says why. A validator that fails itself is passed on.
 */
export function checkValue(schema: StandardSchema, value: unknown, fault: (text: string) => Error): unknown {
  const result = schema['~standard'].validate(value)
  const checked = (found: Awaited<typeof result>): unknown => {
    if (found.issues === undefined) return found.value
    throw fault(describeIssues(found.issues))
  }
  return isPromiseLike(result) ? result.then(checked) : checked(result)
}

/** `items[0].name: …; total: …` */
function describeIssues(issues: readonly StandardIssue[]): string {
  const named = issues.slice(0, maxNamed).map(({ message, path = [] }) => {
    const place = path.reduce<string>((before, step) => before + stepText(step, before), '')
    return place === '' ? message : `${place}: ${message}`
  })
  const more = issues.length - named.length
  return `${named.join('; ')}${more > 0 ? `; and ${more} more` : ''}`
}

function stepText(step: PropertyKey | { readonly key: PropertyKey }, before: string): string {
  const key = typeof step === 'object' ? step.key : step
  if (typeof key === 'number' || (typeof key === 'string' && /^\d+$/.test(key))) return `[${key}]`
  return before === '' ? String(key) : `.${String(key)}`
}
