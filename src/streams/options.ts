import { ServiceError } from './errors.js'

/** How one option is filled in and checked. `check` returns what the value should have been, or `undefined` when it fits. */
export interface OptionRule<T> {
  readonly fallback: T
  readonly check: (value: unknown) => string | undefined
}

/** A rule for each field of an options type. */
export type OptionRules<O> = { readonly [K in keyof O]-?: OptionRule<O[K]> }

/**
 * The options of `owner` with every default filled in. Throws `bad_request` that names the field and the value when a
 * value does not fit or a key is unknown.
 */
export function resolveOptions<O extends object>(
  owner: string,
  given: Partial<O> | undefined,
  rules: OptionRules<O>,
): O {
  const known = Object.keys(rules) as (keyof O & string)[]
  for (const key of Object.keys(given ?? {})) {
    if (known.includes(key as keyof O & string)) continue
    throw new ServiceError('bad_request', `${owner}: unknown option '${key}'; known are ${known.join(', ')}`)
  }
  const resolved: Partial<O> = {}
  for (const key of known) {
    const value = given?.[key]
    const expected = value === undefined ? undefined : rules[key].check(value)
    if (expected !== undefined) {
      throw new ServiceError(
        'bad_request',
        `${owner}: option '${key}' must be ${expected}, not ${showValue(value)}`,
      )
    }
    resolved[key] = value === undefined ? rules[key].fallback : value
  }
  return resolved as O
}

/** A whole number of things or bytes, at least `least`. */
export function count(fallback: number, least = 1): OptionRule<number> {
  const fits = (value: unknown) => Number.isSafeInteger(value) && (value as number) >= least
  return { fallback, check: value => (fits(value) ? undefined : `a whole number, at least ${least}`) }
}

/** Milliseconds: a finite number, at least `least`. */
export function milliseconds(fallback: number, least = 0): OptionRule<number> {
  const fits = (value: unknown) => Number.isFinite(value) && (value as number) >= least
  return {
    fallback,
    check: value => (fits(value) ? undefined : `a finite number of milliseconds, at least ${least}`),
  }
}

/** True or false. */
export function flag(fallback: boolean): OptionRule<boolean> {
  return { fallback, check: value => (typeof value === 'boolean' ? undefined : 'true or false') }
}

/** A text that is not empty. */
export function text(fallback: string): OptionRule<string> {
  const fits = (value: unknown) => typeof value === 'string' && value !== ''
  return { fallback, check: value => (fits(value) ? undefined : 'a text that is not empty') }
}

/** One of a few words. */
export function oneOf<T extends string>(fallback: T, ...words: readonly T[]): OptionRule<T> {
  return { fallback, check: value => (words.includes(value as T) ? undefined : `one of ${words.join(', ')}`) }
}

/** A value that only its type checks: a function, an object of another library. */
export function given<T>(fallback: T): OptionRule<T> {
  return { fallback, check: () => undefined }
}

/** A value as the error of an option names it. */
export function showValue(value: unknown): string {
  return typeof value === 'string' ? `'${value}'` : String(value)
}
