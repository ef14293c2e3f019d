import { NEVER } from 'rxjs'
import { expect, test } from 'vitest'
import type { ServiceError } from 'headrace/streams'
import { SnapshotWaiters } from '../../../src/actors/selector/snapshot-waiters.js'

test('65,536 callers may wait for the first list of a service; one more is told at once', () => {
  let subscriptions = 0
  const waiters = new SnapshotWaiters(() => {
    subscriptions += 1
    return NEVER
  })
  const failures: ServiceError[] = []
  const waiter = () => ({ known: () => undefined, fail: (error: ServiceError) => void failures.push(error) })
  const leave = Array.from({ length: 65_536 }, () => waiters.wait('greeter', waiter()))
  expect(failures).toEqual([])
  waiters.wait('greeter', waiter())
  expect([failures.map(({ kind }) => kind), subscriptions]).toEqual([['resource_exhausted'], 1])
  leave[0]?.()
  waiters.wait('greeter', waiter())
  expect(failures).toHaveLength(1)
})
