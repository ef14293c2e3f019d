import { describe, expect, it, vi } from 'vitest'
import { createDeadlines } from '../../../src/actors/deadlines.js'
import { VirtualClock } from '../../support/virtual-clock.js'

describe('deadlines', () => {
  it('expire together within a tick, in the order they were added', () => {
    const clock = new VirtualClock()
    const deadlines = createDeadlines(clock)
    const expired: string[] = []
    deadlines.add(13, () => expired.push('13'))
    deadlines.add(11, () => expired.push('11'))
    deadlines.add(10, () => expired.push('10'))
    clock.advance(10)
    expect(expired).toEqual(['10'])
    clock.advance(10)
    expect(expired).toEqual(['10', '13', '11'])
  })

  it('of the past expire in the next turn, not in this one', () => {
    const clock = new VirtualClock()
    clock.advance(1_000)
    const deadlines = createDeadlines(clock)
    let expired = 0
    deadlines.add(5, () => {
      expired += 1
      deadlines.add(5, () => (expired += 1))
    })
    expect(expired).toBe(0)
    clock.advance(0)
    clock.advance(0)
    expect(expired).toBe(2)
  })

  it('set one timer, which ends by itself when nothing waits any more', () => {
    const clock = new VirtualClock()
    const deadlines = createDeadlines(clock)
    const cancels = [30, 20, 10, 40].map(at => deadlines.add(at, () => undefined))
    expect([deadlines.size, clock.pending]).toEqual([4, 1])
    for (const cancel of [...cancels, ...cancels]) cancel()
    expect([deadlines.size, clock.pending]).toEqual([0, 1])
    clock.advance(40)
    expect(clock.pending).toBe(0)
  })

  it('set no timer for one call after another', () => {
    const clock = new VirtualClock()
    const deadlines = createDeadlines(clock)
    const schedule = vi.spyOn(clock, 'schedule')
    for (let call = 0; call < 1_000; call += 1) {
      deadlines.add(clock.now() + 5_000, () => expect.fail('nothing is due'))()
      clock.advance(2)
    }
    expect(schedule).toHaveBeenCalledTimes(1)
    clock.advance(5_000)
    expect(clock.pending).toBe(0)
  })

  it('beyond the longest delay of a timer are waited for in parts', () => {
    const clock = new VirtualClock()
    const deadlines = createDeadlines(clock)
    let expiredAt = 0
    deadlines.add(8_000_000_000, () => (expiredAt = clock.now()))
    deadlines.add(Infinity, () => (expiredAt = -1))
    clock.advance(16_000_000_000)
    expect(expiredAt).toBe(8_000_000_000)
    deadlines.close()
    expect(clock.pending).toBe(0)
  })

  it('keep no memory of what was cancelled', () => {
    const clock = new VirtualClock()
    const deadlines = createDeadlines(clock)
    const last = deadlines.add(1e9, () => undefined)
    for (let at = 0; at < 200_000; at += 1) deadlines.add(10_000 + at * 10, () => undefined)()
    expect(deadlines.size).toBe(1)
    const { order } = deadlines as unknown as { order: { size: number } }
    expect(order.size).toBeLessThan(100)
    last()
    clock.advance(1e9)
    expect(clock.pending).toBe(0)
  })

  it('are forgotten by close, also while some expire', () => {
    const clock = new VirtualClock()
    const deadlines = createDeadlines(clock)
    const expired: number[] = []
    deadlines.add(10, () => {
      expired.push(1)
      deadlines.close()
    })
    deadlines.add(10, () => expired.push(2))
    deadlines.add(30, () => expired.push(3))
    clock.advance(100)
    deadlines.add(110, () => expired.push(4))
    clock.advance(100)
    expect([expired, deadlines.size, clock.pending]).toEqual([[1], 0, 0])
  })

  it('name a wrong option', () => {
    expect(() => createDeadlines(new VirtualClock(), { tickMs: 0 })).toThrow("deadlines: option 'tickMs'")
  })
})
