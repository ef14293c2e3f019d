/// <reference lib="dom" />
import { retry } from 'rxjs'
import { backoff, createBrowserClient } from 'headrace/browser'
import { Sensor } from './sensor.js'

// #region page
const services = createBrowserClient({ url: document.body.dataset['service'] ?? '' })

services
  .client(Sensor, 'weather.sensor')
  .readings({ from: 1 })
  .pipe(retry({ delay: backoff(), resetOnSuccess: true }))
  .subscribe(({ at, celsius }) => show('reading', `${at}: ${celsius} °C`))

services.discover('weather.sensor').subscribe(nodes => {
  show('nodes', nodes.map(({ id, address }) => `${id} at ${address}`).join('\n'))
})

services.connection.subscribe(state => show('connection', state))
// #endregion page

function show(id: string, text: string): void {
  const element = document.getElementById(id)
  if (element !== null) element.textContent = text
}
