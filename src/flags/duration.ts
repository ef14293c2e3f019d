const unitMs: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
}

/**
 * Milliseconds of a Go duration text such as `5s`, `1m30s`, `300ms` or `0`; `undefined` when it is none. A bare number is taken in
 * `bareUnit` where one is given.
 */
export function parseDuration(text: string, bareUnit?: keyof typeof unitMs): number | undefined {
  if (text === '0') return 0
  if (bareUnit !== undefined && /^\d+(\.\d+)?$/.test(text)) return Number(text) * (unitMs[bareUnit] ?? NaN)
  if (!/^(\d+(\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h)((\d+(\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h))*$/.test(text)) {
    return undefined
  }
  let total = 0
  for (const [, amount = '', unit = ''] of text.matchAll(/([\d.]+)(ns|us|µs|μs|ms|s|m|h)/g)) {
    total += Number(amount) * (unitMs[unit] ?? NaN)
  }
  return total
}
