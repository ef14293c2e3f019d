import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { Readable } from 'node:stream'
import { expect, it } from 'vitest'
import type { Context, ServiceBroker as Broker } from '../../bench/node_modules/moleculer/index.js'

/** Moleculer is among the peers of the benchmarks, whose packages headrace itself does not have. */
const missing =
  existsSync('bench/node_modules/moleculer') || process.env['CI'] === 'true'
    ? undefined
    : 'node scripts/install-bench.js installs it'
if (missing !== undefined)
  console.log(`skipped: the Moleculer side of docs/migration-moleculer.md: ${missing}`)

it.skipIf(missing !== undefined)('the Moleculer side of docs/migration-moleculer.md', async () => {
  const { ServiceBroker, Errors } = createRequire(`${process.cwd()}/bench/package.json`)('moleculer') as {
    ServiceBroker: typeof Broker
    Errors: { MoleculerClientError: new (message: string, code: number) => Error }
  }
  const lines: string[] = []
  const print = (line: string) => void lines.push(line)
  const settings = { logger: false }

  // #region stock
  const broker = new ServiceBroker({ nodeID: 'shop', ...settings })
  const what = { item: 'string', amount: { type: 'number', integer: true, positive: true } }

  broker.createService({
    name: 'stock',
    actions: {
      reserve: {
        params: what,
        handler({ params, meta }: Context<{ item: string; amount: number }, { user: string }>) {
          if (params.item !== 'tea') throw new Errors.MoleculerClientError(`there is no ${params.item}`, 404)
          return { left: 10 - params.amount, reservedFor: meta.user }
        },
      },
      history: () => Readable.from([12, 11, 10].map(left => ({ left }))),
    },
  })
  // #endregion stock

  // #region orders
  broker.createService({
    name: 'orders',
    actions: {
      place: {
        params: what,
        async handler(ctx: Context<{ item: string; amount: number }>) {
          const { item, amount } = ctx.params
          const { left, reservedFor } = await ctx.call<{ left: number; reservedFor: string }, object>(
            'stock.reserve',
            { item, amount },
          )
          const id = `${reservedFor}-${amount}-${item}`
          await ctx.emit('order.placed', { id })
          return { id, left }
        },
      },
    },
  })
  // #endregion orders

  // #region mail
  const placed = (who: string) => ({
    'order.placed': (ctx: Context<{ id: string }>) => print(`${who}: order ${ctx.params.id}`),
  })
  broker.createService({ name: 'mail', events: placed('mail') })
  broker.createService({ name: 'audit', events: placed('audit') })
  await broker.start()
  // #endregion mail

  // #region client
  const request = { item: 'tea', amount: 2 }
  const { id, left } = await broker.call<{ id: string; left: number }, object>('orders.place', request, {
    meta: { user: 'ann' },
  })
  print(`placed ${id}, ${left} left`)

  const history = await broker.call<Readable, object>('stock.history', { item: 'tea' })
  for await (const { left } of history) print(`history: ${left}`)

  const refused = broker.call('orders.place', { item: 'gold', amount: 1 })
  await refused.catch(error => print(`${error.code}: ${error.message}`))
  // #endregion client
  await broker.stop()
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
