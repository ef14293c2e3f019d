import { afterAll, expect, it } from 'vitest'
import { z } from 'zod'
import { ServiceError, createService, defineService, defineTopic, rpc, type Service } from 'headrace'
import { createExampleNetwork } from '../../support/example-network.js'

const options = createExampleNetwork()
const services: Service[] = []
afterAll(async () => void (await Promise.all(services.map(each => each.close({ lingerMs: 0 })))))

// #region definitions
const what = z.object({ item: z.string(), amount: z.number().int().positive() })

export const Stock = defineService('Stock', {
  reserve: rpc.unary(what, z.object({ left: z.number(), reservedFor: z.string() })),
  history: rpc.serverStream<{ item: string }, { left: number }>(),
})
export const Orders = defineService('Orders', {
  place: rpc.unary(what, z.object({ id: z.string(), left: z.number() })),
})
export const Placed = defineTopic<{ id: string }>('order.placed')
// #endregion definitions

it('the headrace side of docs/migration-moleculer.md', async () => {
  const lines: string[] = []
  const print = (line: string) => void lines.push(line)

  // #region stock
  const stock = createService({ name: 'stock', ...options() })
  stock.handle(Stock, {
    reserve: ({ item, amount }, { metadata }) => {
      if (item !== 'tea') throw new ServiceError('not_found', `there is no ${item}`)
      return { left: 10 - amount, reservedFor: metadata['User'] ?? '' }
    },
    history: function* () {
      for (const left of [12, 11, 10]) yield { left } // the next one when the caller has room
    },
  })
  // #endregion stock

  // #region orders
  const orders = createService({ name: 'orders', ...options() })
  const fromStock = orders.client(Stock, 'stock')
  orders.handle(Orders, {
    place: async ({ item, amount }, context) => {
      const { left, reservedFor } = await fromStock.reserve({ item, amount }, { context })
      const id = `${reservedFor}-${amount}-${item}`
      await orders.publish(Placed, { id })
      return { id, left }
    },
  })
  // #endregion orders

  // #region mail
  const mail = createService({ name: 'mail', ...options() })
  mail.subscribe(Placed, ({ id }) => print(`mail: order ${id}`), { queue: 'mail' })

  const audit = createService({ name: 'audit', ...options() })
  audit.subscribe(Placed, ({ id }) => print(`audit: order ${id}`)) // without a queue: every one of them gets it
  // #endregion mail
  services.push(stock, orders, mail, audit)
  for (const each of services) await each.start()

  // #region client
  const shop = createService({ name: 'shop', ...options() })
  const placing = shop.client(Orders, 'orders')
  const { id, left } = await placing.place({ item: 'tea', amount: 2 }, { metadata: { User: 'ann' } })
  print(`placed ${id}, ${left} left`)

  for await (const { left } of shop.client(Stock, 'stock').history({ item: 'tea' })) print(`history: ${left}`)

  try {
    await placing.place({ item: 'gold', amount: 1 })
  } catch (failure) {
    const { code, detail } = ServiceError.from(failure)
    print(`${code}: ${detail}`)
  }
  // #endregion client
  services.push(shop)
  await expect(placing.place({ item: 'tea', amount: -2 })).rejects.toThrow('Orders.Place: amount: Too small')
  expect(lines.sort()).toEqual([
    '404: there is no gold',
    'audit: order ann-2-tea',
    'history: 10',
    'history: 11',
    'history: 12',
    'mail: order ann-2-tea',
    'placed ann-2-tea, 8 left',
  ])
})
