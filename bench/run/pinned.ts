import { spawnSync } from 'node:child_process'
import { availableParallelism } from 'node:os'

const canPin = spawnSync('taskset', ['-c', '0', 'true']).status === 0

/** The words to put before a command so that it runs on one core; none where the machine has no taskset, or one core only. */
export function pinnedTo(core: number): readonly string[] {
  return canPin && availableParallelism() > 1 ? ['taskset', '-c', String(core)] : []
}
