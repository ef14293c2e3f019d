import { expect, test } from 'vitest'
import { ServiceError, createDelivery, mapDelivery } from 'headrace/streams'

const error = new ServiceError('internal', 'no disk')

test('an ack answers without an error, a nack with it', () => {
  const answers: unknown[] = []
  createDelivery('a', answer => answers.push(answer)).ack()
  createDelivery('b', answer => answers.push(answer)).nack(error)
  expect(answers).toEqual([undefined, error])
})

test('the first answer counts, later ones do nothing', () => {
  const answers: unknown[] = []
  const delivery = createDelivery('a', answer => answers.push(answer))
  delivery.nack(error)
  delivery.ack()
  delivery.nack(error)
  expect(answers).toEqual([error])
})

test('an answer that answers again does so once', () => {
  let answers = 0
  const delivery = createDelivery('a', () => {
    answers += 1
    delivery.ack()
  })
  delivery.ack()
  expect(answers).toBe(1)
})

test('a mapped delivery has another value and the answers of the original', () => {
  const answers: unknown[] = []
  const mapped = mapDelivery(
    createDelivery(1, answer => answers.push(answer)),
    'one',
  )
  expect(mapped.value).toBe('one')
  mapped.nack(error)
  mapped.ack()
  expect(answers).toEqual([error])
})
