/**
 * `next` with everything of `previous` that is still the same: items with one key are merged by `share`, those of `previous` keep
 * their places, and when nothing differs the result is `previous` itself. Keys are unique in each list.
 */
export function shareList<T>(
  previous: readonly T[],
  next: readonly T[],
  keyOf: (item: T) => string,
  share: (before: T, after: T) => T,
): readonly T[] {
  const fresh = new Map(next.map(item => [keyOf(item), item]))
  const shared: T[] = []
  let changed = false
  for (const before of previous) {
    const key = keyOf(before)
    const after = fresh.get(key)
    fresh.delete(key)
    const item = after === undefined ? undefined : share(before, after)
    if (item !== before) changed = true
    if (item !== undefined) shared.push(item)
  }
  return changed || fresh.size > 0 ? [...shared, ...fresh.values()] : previous
}

/** `before` when the two are equal all the way down, else `after`. For plain data: texts, numbers, arrays and records. */
export function shareValue<T>(before: T, after: T): T {
  return isEqual(before, after) ? before : after
}

function isEqual(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  const left = Object.entries(a)
  const right = new Map(Object.entries(b))
  return (
    Array.isArray(a) === Array.isArray(b) &&
    left.length === right.size &&
    left.every(([key, value]) => right.has(key) && isEqual(value, right.get(key)))
  )
}
