import { expect, it } from 'vitest'
import type { ServiceError } from 'headrace/streams'
import { openGroupSocket } from '../../../../../src/adapters/registry/mdns/group-socket.js'
import { multicastPaths } from '../../../../../src/adapters/registry/mdns/multicast-path.js'
import { VirtualClock, settle } from '../../../../support/virtual-clock.js'

const noFault = (error: ServiceError) => expect.fail(error.message)

it('gives up after two seconds when its own packets do not come back, and says what to use instead', async () => {
  const clock = new VirtualClock()
  const [loopback] = multicastPaths('127.0.0.1')
  if (loopback === undefined) expect.fail('no loopback')
  const deaf = { ...loopback, isNear: () => false }
  const closings: Promise<void>[] = []
  const onClosing = (closed: Promise<void>) => void closings.push(closed)
  const options = { port: 25_355, maxPacketBytes: 9_000, onFault: noFault, onClosing }
  const errors: ServiceError[] = []
  openGroupSocket(deaf, options, clock).subscribe({
    next: () => expect.fail('it cannot have heard itself'),
    error: (error: ServiceError) => errors.push(error),
  })
  await expect.poll(() => clock.pending, { interval: 1 }).toBe(1) // it is bound and has begun to try
  for (let tries = 0; tries < 20; tries += 1) {
    expect(errors).toEqual([])
    clock.advance(100)
    await settle(2)
  }
  expect(errors).toMatchObject([
    { kind: 'unavailable', message: expect.stringMatching(/do not come back.*--registry=/) },
  ])
  expect(clock.pending).toBe(0)
  await Promise.all(closings)
  expect(closings).toHaveLength(1)
})
