import { expect, test } from 'vitest'
import { Fifo } from 'headrace/streams'

test('values come out in the order they went in, however pushes and shifts mix', () => {
  const queue = new Fifo<number>()
  const expected: number[] = []
  let next = 0
  for (let round = 0; round < 2_000; round += 1) {
    for (let more = 0; more < round % 7; more += 1) {
      queue.push(next)
      expected.push(next)
      next += 1
    }
    if (round % 3 !== 0) for (let less = 0; less < 5; less += 1) expect(queue.shift()).toBe(expected.shift())
    expect(queue.length).toBe(expected.length)
  }
  expect([...queue]).toEqual(expected)
})

test('an empty queue gives undefined, and one that was cleared is empty', () => {
  const queue = new Fifo<string>()
  expect(queue.shift()).toBe(undefined)
  queue.push('a')
  queue.clear()
  expect([queue.length, queue.shift()]).toEqual([0, undefined])
  queue.push('b')
  expect(queue.shift()).toBe('b')
})
