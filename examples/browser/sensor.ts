import { defineService, rpc } from 'headrace/streams'

/** What page and sensor both know: `headrace/streams` runs in browsers. */
export const Sensor = defineService('Sensor', {
  readings: rpc.serverStream<{ from: number }, { at: number; celsius: number }>(),
})
