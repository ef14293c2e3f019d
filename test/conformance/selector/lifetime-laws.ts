import assert from 'node:assert/strict'
import { firstValueFrom, lastValueFrom, map, toArray, take } from 'rxjs'
import { within, type Law } from '../law.js'
import { chosen, fail, leave, node, serve, service, type SelectorSubject } from './subject.js'

/** What can be followed, and how everything ends. */
export const lifetimeLaws: readonly Law<SelectorSubject>[] = [
  {
    name: 'candidates tell what may be chosen: at once, and after each change',
    async prove(subject) {
      await serve(subject, node('a'))
      const ids = subject.selector.candidates(service).pipe(map(nodes => nodes.map(({ id }) => id).sort()))
      const three = lastValueFrom(ids.pipe(take(3), toArray()))
      await serve(subject, node('b'))
      await leave(subject, 'a')
      assert.deepEqual(await within(subject.patienceMs, 'three lists', three), [['a'], ['a', 'b'], ['b']])
    },
  },
  {
    name: 'closed twice it is one promise; then nothing is picked and select errors unavailable',
    async prove(subject) {
      await serve(subject, node('a'))
      const { selector, patienceMs } = subject
      const closing = selector.close()
      assert.equal(selector.close(), closing)
      await within(patienceMs, 'close', closing)
      assert.equal(selector.pick(service), undefined)
      const asked = within(patienceMs, 'select', firstValueFrom(selector.select(service)))
      await assert.rejects(asked, { kind: 'unavailable' })
    },
  },
  {
    name: 'candidates complete when the selector is closed',
    async prove(subject) {
      await serve(subject, node('a'))
      const all = lastValueFrom(subject.selector.candidates(service).pipe(toArray()))
      await subject.selector.close()
      assert.equal((await within(subject.patienceMs, 'completion', all)).length, 1)
    },
  },
  {
    name: 'nothing is left behind: no watch and no timer',
    async prove(subject) {
      await serve(subject, node('a'), node('b'))
      chosen(subject, 4)
      fail(subject, 'a')
      await subject.selector.close()
      await subject.release()
      await subject.elapse(0)
      assert.equal(subject.running(), 0)
    },
  },
]
