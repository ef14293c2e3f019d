import { setTimeout as sleep } from 'node:timers/promises'
import { createService, defineTopic } from 'headrace'
import { runExample, type Example } from '../run-example.js'

/** What is told when an order was placed. */
interface Order {
  readonly id: number
  readonly total: number
}

const Orders = defineTopic<Order>('orders.placed')

/** Broadcast, queues, answers by hand, and what a publisher hears. */
export async function main({ print, options }: Example): Promise<void> {
  const make = (name: string) => createService({ name, ...options() })
  const [audit, billing, billing2, store, shop] = [
    make('orders.audit'),
    make('orders.billing'),
    make('orders.billing'),
    make('orders.store'),
    make('orders.shop'),
  ] as const

  const stored: Order[] = []
  const receiptPrinted = async ({ id }: Order) => {
    await sleep(20)
    print(`store: receipt of order ${id}`)
  }

  // #region subscribe
  // Without a queue every subscriber gets every event.
  audit.subscribe(Orders, ({ id }) => print(`audit: order ${id}`))

  // Subscribers of one queue share the events: each is handled by one of them.
  for (const each of [billing, billing2]) {
    each.subscribe(Orders, ({ id, total }) => print(`billing: ${total} for order ${id}`), {
      queue: 'billing',
    })
  }

  // By hand: here an event is answered when it is stored, before what takes long.
  store.subscribe(
    Orders,
    async delivery => {
      stored.push(delivery.value)
      delivery.ack()
      await receiptPrinted(delivery.value)
    },
    { ack: 'manual', concurrency: 10 },
  )
  // #endregion subscribe
  const services = [audit, billing, billing2, store]
  await Promise.all(services.map(service => service.start()))

  // #region publish
  const placed = [1, 2].map(id => ({ id, total: 10 * id }))
  const reports = await Promise.all(placed.map(order => shop.publish(Orders, order)))
  for (const [at, deliveries] of reports.entries()) {
    const failed = deliveries.filter(({ error }) => error !== undefined)
    print(`order ${placed[at]?.id}: ${deliveries.length} deliveries, ${failed.length} failed`)
  }
  // #endregion publish

  // #region publish-all
  // A stream of events: the next one is made when the slowest subscriber has room.
  const replay = async function* () {
    for (let id = 3; id <= 4; id += 1) yield { id, total: 10 * id }
  }
  for (const { acked, missed, unanswered } of await shop.publishAll(Orders, replay())) {
    print(`replay: ${acked} taken, ${missed + unanswered} not`)
  }
  // #endregion publish-all

  for (const service of [shop, ...services]) await service.close() // waits for handlers that run
  print(`stored: ${stored.map(({ id }) => id).join(', ')}`)
}

await runExample(import.meta.url, main)
