import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Session } from '../support/cli-session.js'
import { startConsul, type ConsulAgent } from '../support/consul-agent.js'
import type { PeerName, Place } from './cells.js'
import { loopback, placeFlags } from './headrace-node.js'
import { peerFlags } from './neighbours.js'
import { startPeer, type Peer } from './peer-process.js'
import { commandOf, mustRun, whyNot } from './programs.js'
import { dialectOf } from './traits.js'

/** The `headrace` command with services that know nothing of headrace. */
const cases: readonly { readonly peer: PeerName; readonly place: Place }[] = [
  { peer: 'go-micro 2017', place: 'mdns' },
  { peer: 'go-micro 2017', place: 'consul' },
  { peer: 'go-micro 1.18', place: 'consul' },
]

describe.each(cases)('the command with $peer over $place', ({ peer: name, place }) => {
  const reason = whyNot(name, place)
  const id = randomUUID().slice(0, 8)
  const service = `command-${id}`
  let agent: ConsulAgent | undefined
  let peer: Peer | undefined
  let flags = ''
  beforeAll(async () => {
    if (reason !== undefined && !mustRun) return
    agent = place === 'consul' ? await startConsul() : undefined
    peer = await startPeer(commandOf(name), peerFlags(service, place, agent?.address ?? ''))
    flags = [...loopback, ...placeFlags(place, agent?.address ?? '')].join(' ')
  })
  afterAll(async () => {
    await peer?.stop()
    await agent?.stop()
  })

  /** What a command line printed, with its exit code where it is not 0. */
  const headrace = async (line: string, input?: string) => {
    const session = new Session(id, { HEADRACE_WAIT: '10s' })
    await session.run(`headrace ${line} ${flags}`, input === undefined ? {} : { input })
    return session.transcript.split('\n').slice(1).join('\n')
  }
  const works = (title: string, check: () => Promise<void>) =>
    it(title, async context => {
      context.skip(reason !== undefined && !mustRun, reason)
      await check()
    })

  works('lists it, and shows its endpoints with the types of their messages', async () => {
    expect(await headrace('list')).toMatch(/^command$/m)
    const shown = await headrace(`get ${service}`)
    expect(shown).toMatch(/^Echo\.Say +Value \{ text string, number int64, .*\} +Value \{ text string/m)
    expect(shown).toMatch(/^Echo\.Talk +stream +stream$/m)
  })

  works('calls it, and is told of its errors', async () => {
    const said = await headrace(
      `call ${service} Echo.Say '{"text": "hello", "number": 9007199254740993}' --json`,
    )
    expect(said).toContain('"text":"hello"')
    expect(said).toContain('"number":9007199254740993')
    expect(await headrace(`call ${service} Echo.Fail '{"text": "no"}'`)).toMatch(
      /^headrace: .+\n\(exit code \d\)/,
    )
    expect(await headrace(`call ${service} Echo.Sai`)).toMatch(
      /has no endpoint 'Echo\.Sai'; it has .*Echo\.Say.*\n\(exit code 3\)/,
    )
  })

  works('streams with it, in both directions', async () => {
    for (const where of ['', ` --address=${peer?.address ?? ''} --dialect=${dialectOf(name)}`]) {
      const counted = await headrace(`stream ${service} Echo.Count '{"number": 3}'${where}`)
      expect(counted.match(/^\{.*\}$/gm)).toHaveLength(3)
    }
    const talked = await headrace(`stream ${service} Echo.Talk`, '{"text": "one"}\n{"text": "two"}\n')
    expect(talked.match(/"text":"(one|two)"/g)?.slice(-2)).toEqual(['"text":"one"', '"text":"two"'])
  })

  works('asks it for its health and its numbers', async () => {
    expect(await headrace(`health ${service}`)).toMatch(/^NODE .*\n\S+ .* ok$/m)
    expect(await headrace(`stats ${service}`)).toMatch(/^NODE .*\n\S+ .* <uptime> .*$/m)
  })

  works('publishes to it', async () => {
    expect(await headrace(`publish events '{"text": "news"}'`)).toMatch(/: ok$/m)
    await expect.poll(() => peer?.heard.map(({ value }) => value.text)).toContain('news')
  })

  works('finds nothing wrong with it', async () => {
    expect(await headrace(`doctor ${service}`)).toMatch(/\nno problem was found\n/)
  })
})
