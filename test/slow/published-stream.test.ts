import { firstValueFrom, filter, timeout } from 'rxjs'
import { afterEach, describe, expect, it } from 'vitest'
import { createService, type Service } from 'headrace'
import type { StreamReport } from 'headrace/streams'
import { loopbackFlags, startProgram, type Program } from '../support/programs.js'

const total = 200_000
const programs: Program[] = []
const services: Service[] = []

afterEach(async () => {
  await Promise.all(programs.splice(0).map(program => program.stop('SIGKILL')))
  await Promise.all(services.splice(0).map(service => service.close({ lingerMs: 0 })))
})

function reader(pause: number): Program {
  const env = { STREAM_PAUSE: String(pause), STREAM_TOTAL: String(total) }
  const program = startProgram('stream-subscriber', loopbackFlags, env)
  programs.push(program)
  return program
}

/** A service that knows of so many readers. */
async function publisherTo(readers: number): Promise<Service> {
  const service = createService({ name: 'numbers', argv: loopbackFlags, env: {}, log: false })
  services.push(service)
  const all = service.discover('topic:numbers').pipe(filter(nodes => nodes.length === readers))
  await firstValueFrom(all.pipe(timeout(20_000)))
  return service
}

function* numbers(read: { count: number; memory: number }) {
  for (let n = 0; n < total; n += 1) {
    read.count += 1
    if (n % 1_000 === 0) read.memory = Math.max(read.memory, process.memoryUsage.rss())
    yield { n }
  }
}

const sum = ({ acked, nacked, missed, unanswered }: StreamReport) => acked + nacked + missed + unanswered

describe('a published stream to other processes', () => {
  it(`of ${total} events arrives whole at a slow and at a fast subscriber, in bounded memory at every end`, async () => {
    const programs = [reader(0), reader(32)]
    await Promise.all(programs.map(program => program.line('Registering node')))
    const publisher = await publisherTo(2)
    const before = process.memoryUsage.rss()
    const read = { count: 0, memory: 0 }
    const reports = await publisher.publishAll('numbers', numbers(read), { timeoutMs: 60_000 })
    expect(reports).toMatchObject([
      { acked: total, nacked: 0, missed: 0, unanswered: 0 },
      { acked: total, nacked: 0, missed: 0, unanswered: 0 },
    ])
    const growth = Math.round((read.memory - before) / 2 ** 20)
    const lines = await Promise.all(programs.map(program => program.line(`came ${total}, in order true`)))
    console.log(`publisher: ${growth} MiB more; subscribers, fast and slow: ${lines.join('; ')}`)
    expect(growth).toBeLessThan(150)
    for (const line of lines) expect(Number(/memory (\d+)/.exec(line)?.[1])).toBeLessThan(300)
  })

  it('says of a subscriber that was killed how many it took, and which it may have; the other has all', async () => {
    const [killed, living] = [reader(16), reader(0)]
    await Promise.all([killed, living].map(program => program.line('Registering node')))
    const publisher = await publisherTo(2)
    const read = { count: 0, memory: 0 }
    const source = (function* () {
      for (const event of numbers(read)) {
        if (event.n === 20_000) killed.child.kill('SIGKILL')
        yield event
      }
    })()
    const reports = await publisher.publishAll('numbers', source, { timeoutMs: 2_000 })
    const [whole, broken] = [...reports].sort((one, other) => other.acked - one.acked)
    console.log(`the killed one: ${JSON.stringify({ ...broken, error: broken?.error?.message })}`)
    expect(whole).toMatchObject({ acked: total, nacked: 0, missed: 0, unanswered: 0 })
    expect(broken?.error?.kind).toBe('unavailable')
    expect(broken?.unanswered).toBeGreaterThan(0)
    // A window of messages at the subscriber, and at most as many that it answered, for which it gave credit, and whose count was lost with it.
    // Nothing waits here for credit.
    expect(broken?.unanswered).toBeLessThanOrEqual(2 * 1_024)
    expect(broken === undefined ? 0 : sum(broken)).toBe(total)
    await living.line(`came ${total}, in order true`)
  })
})
