import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createService } from 'headrace'
import { runExample, type Example } from '../run-example.js'
import './plugin.js'

/** Two services meet in a directory: a registry from outside is chosen by its flag, like one of headrace's own. */
export async function main({ print, options }: Example): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'headrace-registry-'))
  // #region flags
  const argv = ['--registry=file', `--registry_address=${directory}`, '--server_address=127.0.0.1:0']
  const service = createService({ name: 'clock', ...options(), argv })
  // #endregion flags
  service.handle({ Clock: { Year: ({ at }: { at: string }) => ({ year: new Date(at).getUTCFullYear() }) } })
  await service.start()
  print(`${(await readdir(directory)).length} file`)

  const caller = createService({ name: 'clock.client', ...options(), argv })
  const { year } = await caller.client('clock').call<{ year: number }>('Clock.Year', { at: '2017-02-14' })
  print(`the year was ${year}`)

  await caller.close()
  await service.close({ lingerMs: 0 })
  print(`${(await readdir(directory)).length} files`)
  await rm(directory, { recursive: true })
}

await runExample(import.meta.url, main)
