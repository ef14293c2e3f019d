import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createService } from 'headrace'
import { runExample, type Example } from '../run-example.js'
import { createFront } from './front.js'
import { createServices } from './services.js'

/** Four services and an HTTP front: one question of a browser is answered from all of them. */
export async function main(example: Example): Promise<void> {
  const services = createServices(example)
  await Promise.all(services.map(service => service.start()))
  const api = createService({ name: 'booking.api', ...example.options() })
  const front = createFront(api).listen(0, '127.0.0.1')
  await once(front, 'listening')
  const { port } = front.address() as AddressInfo

  const ask = async (dates: string, token: string) => {
    const answer = await fetch(`http://127.0.0.1:${port}/hotels?${dates}`, {
      headers: { Authorization: `Bearer ${token}` },
    })
    example.print(`${answer.status} ${await answer.text()}`)
  }
  await ask('inDate=2017-04-09&outDate=2017-04-10', 'VALID_TOKEN')
  await ask('inDate=2017-05-09&outDate=2017-05-10', 'VALID_TOKEN')
  await ask('inDate=2017-04-09&outDate=2017-04-10', 'STOLEN')

  front.closeAllConnections()
  front.close()
  for (const service of [api, ...services]) await service.close()
}

await runExample(import.meta.url, main)
