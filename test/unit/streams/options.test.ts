import { describe, expect, test } from 'vitest'
import {
  ServiceError,
  count,
  flag,
  given,
  milliseconds,
  oneOf,
  resolveOptions,
  text,
  type OptionRules,
} from 'headrace/streams'

interface Options {
  readonly timeoutMs: number
  readonly maxBytes: number
  readonly verify: boolean
  readonly host: string
  readonly mode: 'fast' | 'safe'
  readonly onEvent: (event: string) => void
}
const onEvent = () => undefined
const rules: OptionRules<Options> = {
  timeoutMs: milliseconds(5_000),
  maxBytes: count(1024),
  verify: flag(true),
  host: text('127.0.0.1'),
  mode: oneOf('safe', 'fast', 'safe'),
  onEvent: given<Options['onEvent']>(onEvent),
}
const defaults = { timeoutMs: 5_000, maxBytes: 1024, verify: true, host: '127.0.0.1', mode: 'safe', onEvent }
const resolve = (options?: object) => resolveOptions<Options>('http', options, rules)

describe('resolveOptions', () => {
  test('fills in every default', () => {
    expect(resolve()).toEqual(defaults)
    expect(resolve({})).toEqual(defaults)
    expect(resolve({ host: undefined, verify: undefined })).toEqual(defaults)
  })

  test('keeps what is given and fits, also what is false or zero', () => {
    expect(resolve({ timeoutMs: 0, verify: false, mode: 'fast' })).toEqual({
      ...defaults,
      timeoutMs: 0,
      verify: false,
      mode: 'fast',
    })
  })

  test('does not change what it was given', () => {
    const options = Object.freeze({ timeoutMs: 1 })
    expect(resolve(options)).not.toBe(options)
  })

  test('refuses an unknown key and names the known ones', () => {
    const attempt = () => resolve({ timeout: 5 })
    expect(attempt).toThrow(ServiceError)
    expect(attempt).toThrow(/http: unknown option 'timeout'; known are timeoutMs, maxBytes/)
  })

  test.each<[object, string]>([
    [
      { timeoutMs: -1 },
      "http: option 'timeoutMs' must be a finite number of milliseconds, at least 0, not -1",
    ],
    [{ timeoutMs: Infinity }, 'not Infinity'],
    [{ timeoutMs: '5' }, "not '5'"],
    [{ maxBytes: 0 }, "http: option 'maxBytes' must be a whole number, at least 1, not 0"],
    [{ maxBytes: 1.5 }, 'not 1.5'],
    [{ maxBytes: NaN }, 'not NaN'],
    [{ verify: 'no' }, "http: option 'verify' must be true or false, not 'no'"],
    [{ host: '' }, "http: option 'host' must be a text that is not empty, not ''"],
    [{ mode: 'slow' }, "http: option 'mode' must be one of fast, safe, not 'slow'"],
    [{ mode: null }, 'not null'],
  ])('refuses %j and says what is wrong', (options, message) => {
    expect(() => resolve(options)).toThrow(message)
    expect(() => resolve(options)).toThrow(expect.objectContaining({ kind: 'bad_request' }))
  })

  test("the least value is the rule's", () => {
    expect(count(5, 0).check(0)).toBe(undefined)
    expect(milliseconds(5, 1).check(0)).toBe('a finite number of milliseconds, at least 1')
  })
})
