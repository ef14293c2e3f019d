/** The known word that somebody may have meant: one with a letter or two more, fewer, other or swapped; `undefined` where none is so near. */
export function closest(word: string, known: readonly string[]): string | undefined {
  const most = word.length < 4 ? 1 : 2
  const near = known.map(each => ({ each, distance: distanceBetween(word, each) }))
  near.sort((a, b) => a.distance - b.distance)
  const [first] = near
  return first !== undefined && first.distance <= most && first.distance < word.length
    ? first.each
    : undefined
}

/** How many letters have to be put in, taken out, replaced or swapped with their neighbour. */
function distanceBetween(a: string, b: string): number {
  let [before, last]: [number[], number[]] = [[], Array.from({ length: b.length + 1 }, (_, at) => at)]
  for (let row = 1; row <= a.length; row += 1) {
    const now = [row]
    for (let column = 1; column <= b.length; column += 1) {
      const same = a[row - 1] === b[column - 1]
      const swapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]
      now.push(
        Math.min(
          (last[column] ?? 0) + 1,
          (now[column - 1] ?? 0) + 1,
          (last[column - 1] ?? 0) + (same ? 0 : 1),
          swapped ? (before[column - 2] ?? 0) + 1 : Infinity,
        ),
      )
    }
    ;[before, last] = [last, now]
  }
  return last[b.length] ?? 0
}
