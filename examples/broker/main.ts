import { setTimeout as sleep } from 'node:timers/promises'
import { filter, lastValueFrom, map, take, toArray } from 'rxjs'
import { createService } from 'headrace'
import { runExample, type Example } from '../run-example.js'

/** Events without handlers: a topic is a stream that anything may subscribe to, and publishing needs no start. */
export async function main({ print, options }: Example): Promise<void> {
  const [publisher, reader] = [
    createService({ name: 'weather.station', ...options() }),
    createService({ name: 'weather.reader', ...options() }),
  ]
  // #region topic
  const warm = reader.topic<{ celsius: number }>('weather').pipe(
    map(({ celsius }) => celsius),
    filter(celsius => celsius > 20),
    take(2),
    toArray(),
  )
  // #endregion topic
  const readings = lastValueFrom(warm)

  // Who subscribes later misses what came before: the station begins when somebody listens.
  while ((await publisher.publish('weather', { celsius: 18 })).length === 0) await sleep(1)
  for (const celsius of [20, 21, 19, 22]) {
    const reports = await publisher.publish('weather', { celsius })
    print(`${celsius} °C: ${reports.length > 0 ? 'somebody has it' : 'nobody listens any more'}`)
  }
  print(`warm: ${(await readings).join(', ')}`)
  for (const service of [publisher, reader]) await service.close()
}

await runExample(import.meta.url, main)
