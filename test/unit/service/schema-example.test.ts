import { afterAll, expect, it } from 'vitest'
import { z } from 'zod'
import { defineService, rpc } from 'headrace'
import { createMemoryNetwork } from '../../support/memory-network.js'

const network = createMemoryNetwork()
afterAll(() => network.close())

// #region definition
const Orders = defineService('Orders', {
  place: rpc.unary(
    z.object({ item: z.string(), amount: z.number().int().positive().default(1) }),
    z.object({ id: z.string() }),
  ),
})
// #endregion definition

it('the example of docs/codegen.md', async () => {
  const service = network.makeService('shop')
  // #region service
  service.handle(Orders, {
    place: ({ item, amount }) => ({ id: `${amount}-${item}` }), // amount is there: the schema has added it
  })
  // #endregion service
  await service.start()
  const other = network.makeService('shop.client')
  // #region client
  const orders = other.client(Orders, 'shop')
  const { id } = await orders.place({ item: 'tea' })
  // #endregion client
  expect(id).toBe('1-tea')
  const refused = orders.place({ item: 'tea', amount: -1 })
  await expect(refused).rejects.toThrow('Orders.Place: amount: Too small: expected number to be >0')
})
