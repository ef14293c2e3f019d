import { afterAll, beforeAll, expect, test } from 'vitest'
import { loopbackFlags, startProgram, type Program } from '../support/programs.js'

const name = `memory-${process.pid}`
const limit = 32 * 1024 * 1024
let node: Program

beforeAll(async () => {
  node = startProgram('memory-node', [...loopbackFlags, `--server_name=${name}`], {}, ['--expose-gc'])
  await node.line('Registering node')
})
afterAll(async () => {
  expect(await node.stop('SIGTERM')).toBe(0)
})

/** What kernel buffers and the windows of both ends hold of messages of 1 KiB, generously. */
const mostAsked = 12_000

for (const direction of ['down', 'up', 'topic']) {
  test(`200,000 messages of 1 KiB ${direction}, the first 500 taken slowly: all arrive in order, memory stays`, async () => {
    const flags = ['--registry_address=127.0.0.1', `--direction=${direction}`, `--node=${name}`]
    const client = startProgram('memory-client', flags, {}, ['--expose-gc'])
    const line = await client.line('"count"')
    console.log(`${direction}: ${line}`)
    const seen = JSON.parse(line) as Record<string, number | boolean>
    expect(seen).toMatchObject({ count: 200_000, inOrder: true })
    expect(seen['asked']).toBeLessThan(mostAsked)
    expect(seen['ownGrowth']).toBeLessThan(limit)
    expect(seen['peerGrowth']).toBeLessThan(limit)
    await client.stop('SIGTERM')
  })
}
