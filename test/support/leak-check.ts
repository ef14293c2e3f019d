import { createHook } from 'node:async_hooks'

/** The timers of the test runner: it sets one when it reports, which may be within any test and is no leak of that. */
const ofRunner = new Map<number, NodeJS.Timeout>()

createHook({
  init(id, type, _trigger, resource) {
    if (type === 'Timeout' && isSetByRunner(new Error().stack ?? '')) {
      ofRunner.set(id, resource as NodeJS.Timeout)
    }
  },
  destroy: id => void ofRunner.delete(id),
}).enable()

/** Who called `setTimeout` is the first file in the stack that is neither this one nor Node's. */
function isSetByRunner(stack: string): boolean {
  const caller = stack.split('\n').find(line => /\.[jt]s:/.test(line) && !/leak-check|\(node:/.test(line))
  return caller?.includes('/@vitest/') === true
}

/** What keeps this process alive: the kinds of its sockets and timers, sorted. Equal before and after: nothing was left open. */
export function openResources(): readonly string[] {
  let others = [...ofRunner.values()].filter(timer => timer.hasRef()).length
  return process
    .getActiveResourcesInfo()
    .filter(kind => /TCP|UDP|TLS|Timeout|Pipe/.test(kind) && kind !== 'PipeWrap')
    .filter(kind => kind !== 'Timeout' || (others -= 1) < 0)
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
