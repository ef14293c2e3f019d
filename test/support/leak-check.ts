/** What keeps this process alive: the kinds of its sockets and timers, sorted. Equal before and after: nothing was left open. */
export function openResources(): readonly string[] {
  return process
    .getActiveResourcesInfo()
    .filter(kind => /TCP|UDP|TLS|Timeout|Pipe/.test(kind) && kind !== 'PipeWrap')
    .sort()
}

/** Waits a few turns for what closes asynchronously, then gives what is still open beyond `before`. */
export async function leftOpen(before: readonly string[]): Promise<readonly string[]> {
  for (let turn = 0; turn < 50; turn += 1) {
    const left = beyond(before)
    if (left.length === 0) return left
    await new Promise<void>(resolve => setImmediate(resolve))
  }
  return beyond(before)
}

function beyond(before: readonly string[]): readonly string[] {
  const rest = [...before]
  return openResources().filter(kind => {
    const at = rest.indexOf(kind)
    if (at >= 0) rest.splice(at, 1)
    return at < 0
  })
}
