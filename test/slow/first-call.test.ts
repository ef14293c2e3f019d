import { filter, firstValueFrom, timeout } from 'rxjs'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createService, type Service } from 'headrace'
import { loopbackFlags, startProgram, type Program } from '../support/programs.js'

let nodes: Program[]
let client: Service
let name: string
beforeEach(() => {
  nodes = []
  // A name of its own, so that nodes of another run on the same network are none of ours.
  name = `first-${process.pid}-${Date.now()}`
  client = createService({ name: 'first.client', argv: loopbackFlags, env: {}, log: false })
})
afterEach(async () => {
  await client.close()
  await Promise.all(nodes.map(node => node.stop('SIGKILL')))
})

function start(): Program {
  const node = startProgram('hang-node', [...loopbackFlags, `--server_name=${name}`])
  nodes.push(node)
  return node
}

/** The first list with so many nodes. */
const known = (count: number) =>
  firstValueFrom(
    client.discover(name).pipe(
      filter(found => found.length === count),
      timeout(15_000),
    ),
  )

test('a node that starts is called by a client that waits for it as soon as it listens', async () => {
  const times: number[] = []
  await known(0) // the client waits
  for (let round = 0; round < 5; round += 1) {
    const seen = known(1)
    const node = start()
    await seen
    const { calledAt } = await client.client(name).call<{ calledAt: number }>('Hang.Who')
    const listeningAt = Number.parseInt(await node.line('Listening on'), 10)
    times.push(calledAt - listeningAt)
    const gone = known(0)
    expect(await node.stop('SIGTERM')).toBe(0)
    await gone
  }
  console.log(`from "Listening on" to the first call, in ms: ${times.join(', ')}`)
  expect(Math.max(...times)).toBeLessThan(500)
}, 60_000)
