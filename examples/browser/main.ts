import { setTimeout as sleep } from 'node:timers/promises'
import { createService, type Service, type ServiceOptions } from 'headrace'
import { http } from 'headrace/adapters/transport/http'
import { runExample, type Example } from '../run-example.js'
import { Sensor } from './sensor.js'
import { serveWeb } from './web-server.js'

/** A sensor; several of them are several nodes. */
export function createSensor(options: Partial<ServiceOptions>, print: (line: string) => void): Service {
  const sensor = createService({ ...options, name: 'weather.sensor', transport: http() })
  sensor.handle(Sensor, {
    readings: async function* ({ from }) {
      try {
        for (let at = from; ; at += 1) {
          yield { at, celsius: 20 + (at % 3) }
          await sleep(100)
        }
      } finally {
        print('nobody reads the sensor any more')
      }
    },
  })
  return sensor
}

/** Serves a page that shows a sensor's readings and the sensors that are there, until `signal`. */
export async function main({ print, options, signal }: Example): Promise<void> {
  const web = await serveWeb()
  // #region gate
  const gate = createService({
    ...options(),
    name: 'weather.gate',
    transport: http({ allowedOrigins: [web.origin] }),
    browser: {
      services: { 'weather.sensor': ['Sensor.Readings'] },
      discover: ['weather.sensor'],
    },
  })
  // #endregion gate
  const sensor = createSensor(options(), print)
  await Promise.all([gate.start(), sensor.start()])
  web.connectTo(`ws://${gate.address ?? ''}`)
  const stopped = new Promise<void>(resolve => {
    if (signal === undefined) process.once('SIGINT', () => resolve())
    else signal.addEventListener('abort', () => resolve())
  })
  print(`open ${web.origin}`)
  await stopped
  await Promise.all([gate.close({ lingerMs: 0 }), sensor.close({ lingerMs: 0 }), web.close()])
}

await runExample(import.meta.url, main)
