import assert from 'node:assert/strict'
import { firstValueFrom } from 'rxjs'
import { within, type Law } from '../law.js'
import { follow, sees, until } from './followed-watch.js'
import { done, greeter, has, idOf, lookup } from './records.js'
import type { RegistrySubject } from './subject.js'

/** When things begin and end: nodes, operations, handles. */
export const lifetimeLaws: readonly Law<RegistrySubject>[] = [
  {
    name: 'a node that is not registered again leaves when its time is over',
    async prove(subject) {
      const [here, there] = [subject.open(), subject.open()]
      const seen = follow(there.watch(subject.service))
      await sees(subject, seen, 'the reset', all => all.length > 0)
      const dead = greeter(subject)
      await done(here.register(dead, { ttlMs: subject.ttlMs }))
      await sees(subject, seen, 'the node', () => has(seen.state, 'a'))
      await subject.elapse(subject.ttlMs * 1.5)
      await sees(subject, seen, 'the node leave', () => !has(seen.state, 'a'))
      assert.deepEqual(await lookup(subject, there), [])
    },
  },
  {
    name: 'a node that is registered again within its time stays, and no event tells of it',
    async prove(subject) {
      const [here, there] = [subject.open(), subject.open()]
      const seen = follow(there.watch(subject.service))
      await sees(subject, seen, 'the reset', all => all.length > 0)
      await done(here.register(greeter(subject), { ttlMs: subject.ttlMs }))
      await sees(subject, seen, 'the node', () => has(seen.state, 'a'))
      const mentions = seen.mentions(idOf(subject, 'a'))
      for (let beat = 0; beat < 4; beat += 1) {
        await done(here.register(greeter(subject), { ttlMs: subject.ttlMs }))
        await subject.elapse(subject.ttlMs * 0.6)
      }
      await done(here.register(greeter(subject, { id: 'b' })))
      await sees(subject, seen, 'the other node', () => has(seen.state, 'b'))
      assert.ok(has(seen.state, 'a'))
      assert.equal(seen.mentions(idOf(subject, 'a')), mentions)
    },
  },
  {
    name: 'a record that cannot be registered is a bad_request',
    async prove(subject) {
      const here = subject.open()
      const nameless = { ...greeter(subject), name: '' }
      const empty = { ...greeter(subject), nodes: [] }
      for (const record of [nameless, empty]) {
        await assert.rejects(done(here.register(record)), { name: 'ServiceError', kind: 'bad_request' })
      }
      const timeless = here.register(greeter(subject), { ttlMs: -1 })
      await assert.rejects(done(timeless), { name: 'ServiceError', kind: 'bad_request' })
    },
  },
  {
    name: 'closing is done once, however often it is asked for',
    async prove(subject) {
      const here = subject.open()
      await done(here.register(greeter(subject)))
      const [first, second] = [here.close(), here.close()]
      assert.equal(first, second)
      await within(subject.patienceMs, 'close', first)
      assert.equal(here.close(), first)
    },
  },
  {
    name: 'closing a handle completes its watches and its events',
    async prove(subject) {
      const there = subject.open()
      const seen = follow(there.watch(subject.service))
      let eventsEnded = false
      there.events.subscribe({
        complete: () => (eventsEnded = true),
        error: (error: Error) => assert.ifError(error),
      })
      await sees(subject, seen, 'the reset', all => all.length > 0)
      await within(subject.patienceMs, 'close', there.close())
      assert.equal(seen.ended, 'complete')
      assert.equal(eventsEnded, true)
    },
  },
  {
    name: 'a closed handle answers unavailable',
    async prove(subject) {
      const here = subject.open()
      await here.close()
      const unavailable = { name: 'ServiceError', kind: 'unavailable' }
      await assert.rejects(firstValueFrom(here.lookup(subject.service)), unavailable)
      await assert.rejects(firstValueFrom(here.list()), unavailable)
      await assert.rejects(done(here.register(greeter(subject))), unavailable)
    },
  },
  {
    name: 'a lost backend ends a watch with unavailable, and a new one begins with a reset',
    needs: 'backendLoss',
    async prove(subject) {
      const there = subject.open()
      await done(subject.open().register(greeter(subject)))
      const lost = follow(there.watch(subject.service))
      await sees(subject, lost, 'the node', () => has(lost.state, 'a'))
      await subject.lose?.()
      await until(subject, 'the watch to end', () => lost.ended !== undefined)
      assert.equal(lost.ended, 'unavailable')
      await assert.rejects(firstValueFrom(there.lookup(subject.service)), { kind: 'unavailable' })
      await subject.restore?.()
      const again = follow(there.watch(subject.service))
      await sees(subject, again, 'the node again', () => has(again.state, 'a'))
      assert.equal(again.events[0]?.kind, 'reset')
    },
  },
  {
    name: 'nothing happens before an operation is subscribed, and each subscription does it once more',
    async prove(subject) {
      const [here, there] = [subject.open(), subject.open()]
      const registering = here.register(greeter(subject))
      const asking = there.lookup(subject.service)
      assert.deepEqual(await within(subject.patienceMs, 'look-up', firstValueFrom(asking)), [])
      await done(registering)
      assert.equal((await within(subject.patienceMs, 'look-up', firstValueFrom(asking))).length, 1)
    },
  },
  {
    name: 'unsubscribing ends a watch and what ran for it',
    async prove(subject) {
      const there = subject.open()
      const before = subject.running()
      for (let round = 0; round < 3; round += 1) {
        const seen = follow(there.watch(subject.service))
        if (round > 0) await sees(subject, seen, 'the reset', all => all.length > 0)
        seen.subscription.unsubscribe()
      }
      await until(subject, 'what ran for the watches to end', () => subject.running() <= before)
    },
  },
  {
    name: 'unsubscribing a look-up cancels it',
    async prove(subject) {
      const there = subject.open()
      const before = subject.running()
      there
        .lookup(subject.service)
        .subscribe({ error: () => undefined })
        .unsubscribe()
      await until(subject, 'what ran for the look-up to end', () => subject.running() <= before)
    },
  },
]
