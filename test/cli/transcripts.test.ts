import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, test } from 'vitest'
import { Session } from '../support/cli-session.js'
import { noConsul, startConsul, type ConsulAgent } from '../support/consul-agent.js'
import { startProgram, type Program } from '../support/programs.js'

/**
 * Every command as somebody would type it, over real adapters, against a service in a process of its own. The transcripts are files, which the documentation is cut from:
 * `npx vitest run test/cli -u` records them again.
 */
const loopback = {
  MICRO_SERVER_ADDRESS: '127.0.0.1:0',
  MICRO_BROKER_ADDRESS: '127.0.0.1:0',
  MICRO_CLIENT_REQUEST_TIMEOUT: '20s',
  HEADRACE_WAIT: '20s',
}

/** Lines about anything but the service of this run: others on this machine are found too. */
const others = /^(?!greeter$|topic:orders$)[^$]*$/

type Case = (session: Session, id: string, registry: string) => Promise<void>

const cases: Readonly<Record<string, Case>> = {
  list: async session => {
    await session.run('headrace list', { without: others })
    await session.run('headrace list everything')
  },
  get: async (session, id) => {
    await session.run(`headrace get greeter-${id}`)
    await session.run(`headrace get greeter-${id} --json`)
    await session.run(`headrace get nobody-${id} --wait=300ms`)
  },
  call: async (session, id) => {
    await session.run(`headrace call greeter-${id} Greeter.Hello '{"name": "John"}'`)
    await session.run(`headrace call greeter-${id} Greeter.Hello '{"name": "John"}' --json`)
    await session.run(`headrace call greeter-${id} Greeter.Hello -`, { input: '{\n  "name": "a file"\n}\n' })
    await session.run(`headrace call greeter-${id} Greeter.Hello '{"name": 5}'`)
    await session.run(`headrace call greeter-${id} Greeter.Hello '{"name": '`)
    await session.run(`headrace call greeter-${id} Greeter.Helo`)
    await session.run(`headrace call greeter-${id} Greeter.Refuse`)
    await session.run(`headrace call greeter-${id} Greeter.Refuse --json`)
    await session.run(`headrace call greeter-${id} Greeter.Hello --address=127.0.0.1:1`)
  },
  stream: async (session, id) => {
    await session.run(`headrace stream greeter-${id} Greeter.Count '{"count": 3}'`)
    await session.run(`headrace stream greeter-${id} Greeter.Echo`, {
      input: '{"count": 1}\n{"count": 9007199254740993}\n',
    })
    await session.run(`headrace stream greeter-${id} Greeter.Echo`, { input: '{"count": 1}\n{"count"\n' })
  },
  publish: async (session, id) => {
    await session.run(`headrace publish orders-${id} '{"id": "7", "total": 20}'`)
    await session.run(`headrace publish nothing-${id} '{"id": "7"}'`)
  },
  subscribe: async (session, id) => {
    const subscribed = session.start(`headrace subscribe news-${id} --count=1`)
    await subscribed.shows('Listening')
    const publisher = new Session(id, environment)
    while (!publisher.transcript.includes(': ok'))
      await publisher.run(`headrace publish news-${id} '{"text": "hello"}'`)
    await subscribed.end('by itself')
    const stopped = session.start(`headrace subscribe news-${id} --queue=readers`)
    await stopped.shows('Listening')
    await stopped.end('Ctrl-C')
  },
  watch: async (session, id) => {
    const watching = session.start(`headrace watch legacy-${id}`)
    const registered = session.start(`headrace register legacy-${id} 127.0.0.1:9090 --server_version=2.1.0`)
    await registered.shows('registered')
    await watching.shows('+ legacy')
    await registered.end('Ctrl-C')
    await watching.shows('- legacy')
    await watching.end('Ctrl-C')
  },
  health: async (session, id) => {
    await session.run(`headrace health greeter-${id}`)
    await session.run(`headrace health greeter-${id} --json`)
  },
  stats: async (session, id) => {
    await session.run(`headrace stats greeter-${id}`)
    await session.run(`headrace stats greeter-${id} --json`)
  },
  deregister: async (session, id, registry) => {
    const registered = session.start(`headrace register old-${id} 127.0.0.1:9090 --server_id=1`)
    await registered.shows('registered')
    await session.run(`headrace deregister old-${id} old-${id}-2`)
    await session.run(`headrace deregister old-${id} old-${id}-1`)
    if (registry !== 'mdns') await session.run(`headrace get old-${id} --wait=300ms`)
    await registered.end('Ctrl-C')
  },
  doctor: async (session, id) => {
    await session.run(`headrace doctor greeter-${id}`, {
      without: /^ok +(services|environment)/,
    })
    await session.run(`headrace doctor nobody-${id} --wait=300ms`, {
      without: /^ok +(services|environment)/,
    })
  },
  help: async session => {
    await session.run('headrace --help')
    await session.run('headrace call --help', { without: /\[\$MICRO_/ })
    await session.run('headrace lsit')
  },
}

let environment: Record<string, string> = {}

function transcribed(registry: string, prepare: () => Promise<Record<string, string>>): void {
  const id = randomUUID().slice(0, 8)
  let service: Program
  beforeAll(async () => {
    environment = { ...loopback, ...(await prepare()) }
    service = startProgram('cli-service', [`--server_name=greeter-${id}`], {
      ...environment,
      TOPIC: `orders-${id}`,
    })
    await service.line('Registering node')
  }, 60_000)
  afterAll(() => service.stop('SIGTERM'))

  for (const [name, run] of Object.entries(cases)) {
    test.concurrent(name, async ({ expect }) => {
      const session = new Session(id, environment)
      await run(session, id, registry)
      await expect(session.transcript).toMatchFileSnapshot(`transcripts/${registry}/${name}.txt`)
    })
  }
}

describe('the command over mDNS', () => {
  transcribed('mdns', async () => ({ MICRO_REGISTRY_ADDRESS: '127.0.0.1' }))
})

if (noConsul !== undefined) console.log(`the command with a real Consul agent: skipped: ${noConsul}`)

describe.skipIf(noConsul !== undefined)('the command with a real Consul agent', () => {
  let agent: ConsulAgent | undefined
  transcribed('consul', async () => {
    agent = await startConsul()
    return { MICRO_REGISTRY: 'consul', MICRO_REGISTRY_ADDRESS: agent.address }
  })
  afterAll(() => agent?.stop())
})
