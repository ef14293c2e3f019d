import { Subject } from 'rxjs'
import { describe, expect, test } from 'vitest'
import { ServiceError, createService, type ServiceEvent } from 'headrace'
import { runService } from '../../../src/service/run.js'
import { settle } from '../../support/virtual-clock.js'

/** A service that notes what is asked of it, and does it when told. */
function scripted() {
  const events = new Subject<ServiceEvent>()
  const asked: string[] = []
  const waiting = new Map<string, { resolve: () => void; reject: (error: Error) => void }>()
  const step = (name: string) => () => {
    asked.push(name)
    return new Promise<void>((resolve, reject) => waiting.set(name, { resolve, reject }))
  }
  const signals = new Set<() => void>()
  const facts = {
    onStopSignal: (listener: () => void) => {
      signals.add(listener)
      return () => signals.delete(listener)
    },
  }
  const service = {
    name: 'greeter',
    events,
    start: step('start'),
    close: (options: unknown) => {
      asked.push(JSON.stringify(options))
      return step('close')()
    },
    abort: step('abort'),
  }
  const lines: string[] = []
  const run = (options = {}) => runService(service, facts, line => lines.push(line), options)
  const interrupt = () => [...signals].forEach(listener => listener())
  return { run, events, asked, signals, interrupt, lines, end: (name: string) => waiting.get(name) }
}

describe('a run', () => {
  test('ends with the first signal, closes as it was told, and listens to no more', async () => {
    const { run, asked, signals, interrupt, end } = scripted()
    const running = run({ timeoutMs: 7 })
    end('start')?.resolve()
    await settle()
    expect(asked).toEqual(['start'])
    interrupt()
    await settle()
    expect(asked).toEqual(['start', '{"timeoutMs":7}', 'close'])
    end('close')?.resolve()
    await running
    expect(signals.size).toBe(0)
  })

  test('aborts at the second signal', async () => {
    const { run, asked, interrupt, end } = scripted()
    const running = run()
    end('start')?.resolve()
    await settle()
    interrupt()
    await settle()
    interrupt()
    expect(asked.at(-1)).toBe('abort')
    end('close')?.resolve()
    await running
  })

  test('closes at a signal during the start', async () => {
    const { run, asked, interrupt, end } = scripted()
    const running = run()
    interrupt()
    await settle()
    expect(asked).toEqual(['start', '{}', 'close'])
    end('start')?.reject(new Error('was closed'))
    end('close')?.resolve()
    await running
  })

  test('ends with its AbortSignal, also one that is aborted already', async () => {
    for (const late of [true, false]) {
      const { run, asked, end } = scripted()
      const controller = new AbortController()
      if (!late) controller.abort()
      const running = run({ signal: controller.signal })
      end('start')?.resolve()
      await settle()
      controller.abort()
      await settle()
      expect(asked.at(-1)).toBe('close')
      end('close')?.resolve()
      await running
    }
  })

  test('fails as its start does', async () => {
    const { run, end } = scripted()
    const running = run().catch((error: unknown) => error)
    end('start')?.reject(new ServiceError('conflict', 'the port is taken'))
    await settle()
    end('close')?.resolve()
    expect(await running).toMatchObject({ detail: 'the port is taken' })
  })

  test('ends when the service has, and writes notices and warnings alone', async () => {
    const { run, events, lines, end } = scripted()
    const running = run()
    end('start')?.resolve()
    for (const level of ['info', 'notice', 'warning'] as const) {
      events.next({ level, source: 'x', text: `a line of ${level}`, event: {} })
    }
    events.complete()
    await settle()
    end('close')?.resolve()
    await running
    expect(lines).toEqual(['a line of notice', 'a line of warning'])
  })
})

describe('with --help', () => {
  test('the help is all there is', async () => {
    const service = createService({ name: 'greeter', argv: ['--help'], env: {}, log: false })
    expect(service.help).toContain('--server_name')
    const states: string[] = []
    service.state.subscribe(state => states.push(state))
    const write = process.stdout.write.bind(process.stdout)
    const printed: string[] = []
    process.stdout.write = text => printed.push(String(text)) > 0
    await service.run().finally(() => (process.stdout.write = write))
    expect([printed, states]).toEqual([[service.help], ['idle']])
    await service.close()
  })
})
