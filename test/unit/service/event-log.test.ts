import { Subject, type Observable } from 'rxjs'
import { expect, it } from 'vitest'
import { EventLog, type LogRecord, type LogRequest } from '../../../src/service/event-log.js'
import type { ServiceEvent } from '../../../src/service/events.js'
import { VirtualClock } from '../../support/virtual-clock.js'

function started() {
  const events = new Subject<ServiceEvent>()
  const clock = new VirtualClock()
  const log = new EventLog(events, clock)
  const tell = (text: string) => events.next({ level: 'notice', source: 'test', text, event: {} })
  const ask = (request: Partial<LogRequest>) =>
    log.records({ stream: false, count: 0n, since: 0n, ...request })
  return { events, clock, log, tell, ask }
}

const texts = (lines: Observable<LogRecord> | readonly LogRecord[]) =>
  Array.isArray(lines) ? lines.map(({ value }: LogRecord) => value) : []

it('Debug.Log has the events with their time, level and source, oldest first', () => {
  const { clock, tell, ask } = started()
  clock.advance(1_500)
  tell('first')
  clock.advance(1_000)
  tell('second')
  const metadata = { level: 'notice', source: 'test' }
  expect(ask({})).toEqual([
    { timestamp: 1n, value: 'first', metadata },
    { timestamp: 2n, value: 'second', metadata },
  ])
  expect(texts(ask({ since: 2n }))).toEqual(['second'])
  expect(texts(ask({ count: 1n }))).toEqual(['second'])
})

it('Debug.Log keeps the latest 256 lines', () => {
  const { tell, ask } = started()
  for (let at = 0; at < 300; at += 1) tell(`line ${at}`)
  expect(texts(ask({}))).toHaveLength(256)
  expect(texts(ask({}))[0]).toBe('line 44')
})

it('Debug.Log that streams goes on until nobody listens or the service ends', () => {
  const { events, log, tell, ask } = started()
  tell('before')
  const seen: string[] = []
  const lines = ask({ stream: true }) as Observable<LogRecord>
  const first = lines.subscribe(({ value }) => seen.push(value))
  tell('after')
  expect(seen).toEqual(['before', 'after'])
  first.unsubscribe()
  log.close()
  expect(events.observed).toBe(false)
})
