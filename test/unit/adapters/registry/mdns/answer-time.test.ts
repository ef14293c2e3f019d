import { lastValueFrom } from 'rxjs'
import { expect, it } from 'vitest'
import { systemClock } from 'headrace/streams'
import { answerTime } from '../../../../../src/adapters/registry/mdns/answer-time.js'
import { VirtualClock } from '../../../../support/virtual-clock.js'

it('ends when the time is over', () => {
  const clock = new VirtualClock()
  const ends: number[] = []
  answerTime(100, clock).subscribe(() => ends.push(clock.now()))
  clock.advance(1_000)
  expect(ends).toEqual([100])
  expect(clock.pending).toBe(0)
})

it('ends at the end of the slice that settles it', () => {
  const clock = new VirtualClock()
  const ends: number[] = []
  answerTime(100, clock, { settled: () => clock.now() > 30 }).subscribe(() => ends.push(clock.now()))
  clock.advance(1_000)
  expect(ends).toEqual([40])
  expect(clock.pending).toBe(0)
})

it('may go on behind its usual end, and is told of that end', () => {
  const clock = new VirtualClock()
  const ends: number[] = []
  const asked: boolean[] = []
  const settled = (over: boolean) => asked.push(over) === 0
  answerTime(100, clock, { settled, longestMs: 150 }).subscribe(() => ends.push(clock.now()))
  clock.advance(1_000)
  expect(ends).toEqual([150])
  expect(asked).toEqual([...Array<boolean>(9).fill(false), ...Array<boolean>(5).fill(true)])
  expect(clock.pending).toBe(0)
})

it('gives the sockets their turns after the process was busy for longer than the time', async () => {
  const end = lastValueFrom(answerTime(50, systemClock))
  let turns = 0
  const count = () => {
    turns += 1
    counting = setImmediate(count)
  }
  let counting = setImmediate(count)
  const busyUntil = performance.now() + 100
  while (performance.now() < busyUntil) continue
  await end
  clearImmediate(counting)
  expect(turns).toBeGreaterThan(5)
})
