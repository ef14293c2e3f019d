/** How deep a value is looked into. */
const depth = 4

/**
 * About how many bytes a value takes on its way: the lengths of its texts and byte arrays, and a little for everything else. Looks at most
 * four levels deep and never throws, so it can be asked of any value. For limits on memory, not for lengths on a wire.
 */
export function roughSize(value: unknown, levels = depth): number {
  if (typeof value === 'string') return value.length
  if (typeof value !== 'object' || value === null) return 8
  if (ArrayBuffer.isView(value)) return value.byteLength
  if (levels === 0) return 8
  const parts: readonly unknown[] = Array.isArray(value) ? value : Object.values(value)
  return parts.reduce<number>((sum, part) => sum + roughSize(part, levels - 1), 8)
}
