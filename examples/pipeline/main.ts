import { setTimeout as sleep } from 'node:timers/promises'
import { createService, defineService, rpc, work } from 'headrace'
import { runExample, type Example } from '../run-example.js'

interface Reading {
  readonly at: number
  readonly celsius: number
}
interface Report {
  readonly text: string
}

const Sensor = defineService('Sensor', { readings: rpc.serverStream<{ from: number }, Reading>() })
const Reporter = defineService('Reporter', { report: rpc.bidi<Reading, Report>() })

/** One service's stream goes through another's and comes back: who reads slowly at the end slows the sensor at the start. */
export async function main({ print, options }: Example): Promise<void> {
  const sensor = createService({ name: 'sensor', ...options() })
  const reporter = createService({ name: 'reporter', ...options() })
  // #region serve
  sensor.handle(Sensor, {
    // Without an end: it is asked for the next reading when there is demand, and closed when nobody reads any more.
    readings: async function* ({ from }) {
      try {
        for (let at = from; ; at += 1) yield { at, celsius: 20 + (at % 3) }
      } finally {
        print('the sensor is off')
      }
    },
  })

  reporter.handle(Reporter, {
    // Two at a time; the next reading is asked for when one is done.
    report: readings =>
      readings.pipe(
        work(async ({ at, celsius }) => {
          await sleep(1)
          return { text: `${at}: ${celsius} °C` }
        }, 2),
      ),
  })
  // #endregion serve
  await Promise.all([sensor.start(), reporter.start()])

  const reader = createService({ name: 'reader', ...options() })
  // #region pipe
  const readings = reader.client(Sensor, 'sensor').readings({ from: 1 })
  const reports = reader.client(Reporter, 'reporter').report(readings)
  let left = 3
  for await (const { text } of reports) {
    print(text)
    if (--left === 0) break // cancels both streams
  }
  // #endregion pipe

  for (const service of [reader, reporter, sensor]) await service.close()
}

await runExample(import.meta.url, main)
