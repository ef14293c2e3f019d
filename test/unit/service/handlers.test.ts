import { describe, expect, test } from 'vitest'
import { createService, defineService, rpc, serverStream, type Service } from 'headrace'
import { createMemoryNetwork } from '../../support/memory-network.js'

const make = () => createService({ name: 'greeter', argv: [], env: {}, log: false })

class Counter {
  #count = 0
  Next() {
    return { count: (this.#count += 1) }
  }
}
class LoudCounter extends Counter {
  readonly word = serverStream(() => [this.suffix])
  readonly suffix = '!'
  Shout() {
    return { text: `${this.Next().count}${this.suffix}` }
  }
}

const definition = defineService('Counter', { next: rpc.unary<object, { count: number }>() })

describe('handlers', () => {
  test('of a class keep their state, inherited ones too', async () => {
    const network = createMemoryNetwork()
    const service = network.makeService('counter')
    class Plain extends Counter {
      Shout() {
        return { text: `${this.Next().count}!` }
      }
    }
    service.handle({ Counter: new Plain() as never })
    await service.start()
    const counter = network.makeService('caller').client('counter')
    expect(await counter.call('Counter.Next')).toEqual({ count: 1 })
    expect(await counter.call('Counter.Shout')).toEqual({ text: '2!' })
    await network.close()
  })

  test('of a definition may be a class too', async () => {
    const network = createMemoryNetwork()
    const service = network.makeService('counter')
    class Next {
      #count = 6
      next() {
        return { count: (this.#count += 1) }
      }
    }
    service.handle(definition, new Next())
    await service.start()
    expect(await network.makeService('caller').client(definition, 'counter').next({})).toEqual({ count: 7 })
    await network.close()
  })

  test.each<[string, (service: Service) => void, string, string]>([
    [
      'a name twice',
      s => s.handle({ A: { B: () => 1 } }),
      'conflict',
      'service greeter: A.B has a handler already',
    ],
    [
      'two definitions with one method',
      s => s.handle(definition, { next: () => ({ count: 0 }) }),
      'conflict',
      'Counter.Next has a handler already',
    ],
    [
      'the names of Debug',
      s => s.handle({ Debug: { Health: () => 1 } }),
      'conflict',
      'Debug.Health is served by the runtime',
    ],
    ['nothing', s => s.handle({ C: {} }), 'bad_request', 'C has no methods'],
    [
      'no function',
      s => s.handle({ C: { D: 5 as never } }),
      'bad_request',
      'C.D has no handler: it is number',
    ],
    [
      'a field of a class',
      s => s.handle({ C: new LoudCounter() as never }),
      'bad_request',
      'C.suffix has no handler: it is string',
    ],
    [
      'no handlers',
      s => s.handle(definition, undefined as never),
      'bad_request',
      "Counter.Next has no handler: 'next' is undefined",
    ],
    [
      'a missing handler',
      s => s.handle(definition, {} as never),
      'bad_request',
      'Counter.Next has no handler',
    ],
    [
      'a topic without a handler',
      s => s.subscribe('events', undefined as never),
      'bad_request',
      'topic events: the handler is undefined',
    ],
    [
      'a client of nobody',
      s => void s.client(''),
      'bad_request',
      'client: the name of the service is missing',
    ],
    [
      'a typed client of nobody',
      s => void s.client(definition, ''),
      'bad_request',
      'the name of the service is missing',
    ],
    [
      'a wrong option of a topic',
      s => s.subscribe('events', () => 1, { concurrency: 0 }),
      'bad_request',
      "subscriber of events: option 'concurrency' must be",
    ],
    [
      'an unknown option of a topic',
      s => s.subscribe('events', () => 1, { que: 'x' } as never),
      'bad_request',
      "subscriber of events: unknown option 'que'; known are queue",
    ],
  ])('%s is refused', (_, add, kind, text) => {
    const service = make()
    service.handle({ A: { B: () => 1 } })
    service.handle(definition, { next: () => ({ count: 0 }) }, { internal: true })
    expect(() => add(service)).toThrow(
      expect.objectContaining({ kind, message: expect.stringContaining(text) }),
    )
  })

  test('are added all together or not at all', () => {
    const service = make()
    service.handle({ A: { B: () => 1 } })
    expect(() => service.handle({ A: { C: () => 1, B: () => 2 } })).toThrow('A.B')
    expect(() => service.handle({ A: { C: () => 1 } })).not.toThrow()
  })

  test('are not added after the start', async () => {
    const network = createMemoryNetwork()
    const service = network.makeService('greeter')
    await service.start()
    const late = {
      kind: 'conflict',
      message: 'service greeter: handlers must be added before the start, it is running',
    }
    expect(() => service.handle({ A: { B: () => 1 } })).toThrow(expect.objectContaining(late))
    expect(() => service.subscribe('events', () => 1)).toThrow(expect.objectContaining({ kind: 'conflict' }))
    await network.close()
  })
})
